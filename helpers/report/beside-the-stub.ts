import { stub } from '../applications/stub.ts';
import type { HeartbeatRecord } from '../verdict/cell-record.ts';
import { rowTitle } from '../verdict/row.ts';
import { type Results, type TestOf, testsOf } from './results.ts';

type Test = TestOf<'heartbeat'>;

/** A cell of the stub's, and those of real services that were served and asked as it was. */
interface Twins {
  readonly stub: Test;
  readonly services: readonly Test[];
}

export function isOfStub({ cell: { deployment } }: Test): boolean {
  return deployment.application === stub.name;
}

/** The cells of real services in a run: beside the stub's, and those of which the stub has none. Pure. */
export function besideTheStub(results: Pick<Results, 'tests'>): {
  readonly twins: readonly Twins[];
  readonly alone: readonly Test[];
} {
  const tests = testsOf(results, 'heartbeat');
  const ofServices = tests.filter((it) => !isOfStub(it));
  const twins = tests.filter(isOfStub).map((it) => ({
    stub: it,
    services: ofServices.filter(({ cell }) => question(cell) === question(it.cell)),
  }));
  const beside = twins.filter(({ services }) => services.length > 0);
  const found = beside.flatMap(({ services }) => services);
  return { twins: beside, alone: ofServices.filter((it) => !found.includes(it)) };
}

/** Where a real service does not agree with the stub: in its verdict, or in whether requests pay. Pure. */
export function disagreements(results: Pick<Results, 'tests'>): string[] {
  return besideTheStub(results).twins.flatMap(({ stub: { cell: stubs }, services }) =>
    services.flatMap(({ cell }) => [
      ...(agreeInVerdict(stubs, cell)
        ? []
        : [`${rowTitle(cell)}: is ${cell.verdict.kind}, and the stub’s ${stubs.verdict.kind}`]),
      ...(agreeInPrice(stubs, cell)
        ? []
        : [`${rowTitle(cell)}: ${slowed(cell)} requests slowed, and of the stub’s ${slowed(stubs)}`]),
    ]),
  );
}

/** What is asked, whoever answers. */
function question({ deployment: { application: _, ...served }, scenario }: HeartbeatRecord): string {
  return JSON.stringify([Object.entries(served).sort(), scenario.name]);
}

/** The same; or both as either may be, where that is luck. */
function agreeInVerdict(a: HeartbeatRecord, b: HeartbeatRecord): boolean {
  if (a.verdict.kind === b.verdict.kind) return true;
  const luck = [a, b].map(({ expected: { verdict } }) => verdict ?? [a.verdict.kind, b.verdict.kind]);
  return luck.every((any: readonly string[]) => any.includes(a.verdict.kind) && any.includes(b.verdict.kind));
}

function agreeInPrice(a: HeartbeatRecord, b: HeartbeatRecord): boolean {
  const isLuck = [a, b].some(({ expected }) => expected.slowed === 'reported');
  return isLuck || slowed(a) > 0 === slowed(b) > 0;
}

function slowed({ evidence }: HeartbeatRecord): number {
  return evidence?.requests.slowedMs.length ?? 0;
}
