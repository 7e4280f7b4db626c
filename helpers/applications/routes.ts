import { probe } from '../config/probe.ts';
import type { Application, Ask } from './application.ts';

/**
 * The routes of an application, by what a request does.
 *
 * - `plain`: it is answered without AMQP.
 * - `amqp`: it publishes.
 * - `call`: it publishes and waits for a reply.
 * - `yield`: it yields to eventlet's hub and publishes nothing.
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
