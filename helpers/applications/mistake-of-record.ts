import { z } from 'zod';
import type { Behaviour } from '../config/behaviour.ts';
import type { Application } from './application.ts';

/** What is wrong with a function of an application's record. */
export interface RecordMistake {
  /** The function: `configuration.text`. */
  readonly field: string;
  readonly why: string;
}

const environmentSchema = z.record(z.string(), z.string());
const textSchema = z.string();
const objectSchema = z.record(z.string(), z.unknown());
const problemSchema = z.object({ option: z.string(), why: z.string() }).optional();
/** Any URL and any id will do: whether a function of a record fails should not depend on them. */
const SOME_URL = 'amqp://user:password@broker:5672/host';
const SOME_ID = 'req-0';

/**
 * A function of an application's record that fails for a deployment, or returns something of another type. Those that
 * read messages are not tried, because only the application knows its messages.
 */
export function mistakeOfRecord(application: Application, behaviour: Behaviour): RecordMistake | undefined {
  const { environment, configuration, problem, says, routes } = application;
  const called: readonly (readonly [string, z.ZodType, () => unknown])[] = [
    ['environment', environmentSchema, () => environment?.(behaviour, SOME_URL) ?? {}],
    ['configuration.text', textSchema, () => configuration?.text(behaviour, SOME_URL) ?? ''],
    ['problem', problemSchema, () => problem?.(behaviour)],
    ['says', objectSchema, () => says?.(behaviour) ?? {}],
    ...Object.entries(routes).map(
      ([route, ask]) => [`routes.${route}.body`, objectSchema, () => ask?.body?.(SOME_ID) ?? {}] as const,
    ),
  ];
  for (const [field, schema, call] of called) {
    try {
      schema.parse(call());
    } catch (error) {
      return {
        field,
        why: error instanceof z.ZodError ? issueWords(error) : String(Object(error).message ?? error),
      };
    }
  }
  return undefined;
}

function issueWords({ issues: [issue] }: z.ZodError): string {
  return issue ? [...issue.path, issue.message].join(': ') : '';
}
