import { probe } from '../config/probe.ts';
import type { Application, Ask } from './application.ts';

/**
 * The kinds of requests.
 *
 * - `plain`: the application answers without AMQP.
 * - `amqp`: the application publishes a message.
 * - `call`: the application publishes a message and waits for a reply.
 * - `yield`: the application yields to eventlet's hub and publishes nothing.
 */
export const routes = ['plain', 'amqp', 'call', 'yield'] as const;
export type Route = (typeof routes)[number];

/** The request of each route; `yield` is the probe's own. An unknown application has no others. */
export function asksOf(application?: Pick<Application, 'routes'>): Readonly<Record<Route, Ask | undefined>> {
  const { plain, amqp, call } = application?.routes ?? {};
  return { plain, amqp, call, yield: { path: probe.routes.yield } };
}

/** The route of a path; undefined if no route has that path. */
export function routeOf(path: string, application?: Pick<Application, 'routes'>): Route | undefined {
  const asks = asksOf(application);
  return routes.find((route) => asks[route]?.path === path);
}
