import { stub } from '../../applications/stub.ts';
import { figuresOf } from '../../record/figures.ts';
import { type HeartbeatRecord, isHeartbeat } from '../../record/record.ts';
import { slowsRequests } from '../../verdict/violations.ts';
import { type Results, type TestOf, testsOf } from '../results/results.ts';

type Test = TestOf<HeartbeatRecord>;

/** A row of the stub, and the rows of real services under the same conditions. */
interface Compared {
  readonly ofStub: Test;
  readonly services: readonly Test[];
}

/** Whether a test executed a row of the stub. */
export function isOfStub({ cell: { deployment } }: Test): boolean {
  return deployment.application === stub.name;
}

/** The rows of real services in a run: those compared with a row of the stub, and those that the stub has no row for. */
export function agreementWithStub(results: Pick<Results, 'tests'>): {
  readonly compared: readonly Compared[];
  readonly alone: readonly Test[];
} {
  const tests = testsOf(results, isHeartbeat);
  const ofServices = tests.filter((test) => !isOfStub(test));
  const compared = tests
    .filter(isOfStub)
    .map((ofStub) => ({
      ofStub,
      services: ofServices.filter(({ cell }) => conditions(cell) === conditions(ofStub.cell)),
    }))
    .filter(({ services }) => services.length > 0);
  const found = compared.flatMap(({ services }) => services);
  return { compared, alone: ofServices.filter((test) => !found.includes(test)) };
}

/** Where a real service disagrees with the stub: in its verdict, or in whether reconnects slow requests. */
export function disagreements(results: Pick<Results, 'tests'>): string[] {
  return agreementWithStub(results).compared.flatMap(({ ofStub: { cell: stubs }, services }) =>
    services.flatMap(({ cell }) => [
      ...(agreeInVerdict(stubs, cell)
        ? []
        : [`${cell.id}: the verdict is ${cell.verdict.kind}, and the stub’s is ${stubs.verdict.kind}`]),
      ...(agreeInImpact(stubs, cell)
        ? []
        : [`${cell.id}: ${slowed(cell)} requests slowed, and ${slowed(stubs)} of the stub’s`]),
    ]),
  );
}

/** Everything about a row but the application. */
function conditions({ deployment: { application: _, ...served }, traffic }: HeartbeatRecord): string {
  return JSON.stringify([Object.entries(served).sort(), traffic.name]);
}

/** The verdicts are the same; or both rows allow either, because it is luck. */
function agreeInVerdict(a: HeartbeatRecord, b: HeartbeatRecord): boolean {
  if (a.verdict.kind === b.verdict.kind) return true;
  const allowed = [a, b].map(({ expect: { verdict } }) => verdict ?? [a.verdict.kind, b.verdict.kind]);
  return allowed.every((kinds) => kinds.includes(a.verdict.kind) && kinds.includes(b.verdict.kind));
}

function agreeInImpact(a: HeartbeatRecord, b: HeartbeatRecord): boolean {
  const isLuck = [a, b].some(({ expect }) => expect.slowed === 'any');
  return isLuck || areSlowed(a) === areSlowed(b);
}

function areSlowed(cell: HeartbeatRecord): boolean {
  const figures = figuresOf(cell);
  return figures !== undefined && slowsRequests(figures.requests, cell.expect);
}

function slowed(cell: HeartbeatRecord): number {
  return figuresOf(cell)?.requests.slowedMs.length ?? 0;
}
