import { readFileSync } from 'node:fs';
import { stubApi } from '../../../helpers/config/application.ts';
import type { Observation } from '../../../helpers/evidence/observation.ts';

/** What was seen in real runs of 24 requests each (Debian 13, oslo.messaging 16.1.0, RabbitMQ 4.0.5). */
export function recorded(name: 'prefork-8' | 'prefork-8-2019' | 'event-8x25' | 'event-1x25'): Observation {
  const { arrived, ...rest } = JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));
  return { ...rest, application: stubApi, arrived: new Map(arrived) };
}
