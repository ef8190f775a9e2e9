/**
 * vmtest as a library: all that the command line does, callable. Nothing here touches signals, terminals or the exit
 * code; cancelling is the caller's `AbortSignal`.
 *
 * @example
 * import { createHost, plan, run } from 'vmtest';
 * const host = createHost();
 * const result = await run(host, await plan(host, { file: 'matrix.yml' }), {
 *   output: '/tmp/results',
 *   onEvent: (event) => console.log(event.type),
 * });
 */
export type * from '../drivers/driver.ts';
export type { BaseTarget, Cell, Matrix, Problem, TestSpec } from '../matrix/model.ts';
export { createHost, type HostOptions } from './host/create-host.ts';
export { VmtestError } from './host/errors.ts';
export type { Host } from './host/host.ts';
export type { Inputs, NamedFile } from './report/read-inputs.ts';
export {
  bringTogether,
  type Gathered,
  type GatherOptions,
  gather,
  retell,
} from './report/report.ts';
export { compare, hasChanges, SLOWER } from './results/compare.ts';
export type * from './results/comparison.ts';
export type { RunEvent } from './results/events.ts';
export type * from './results/model.ts';
export { type Plan, type PlanOptions, plan } from './run/plan.ts';
export { type RunOptions, run } from './run/run.ts';
export { newRunInfo } from './run/run-info.ts';
export { type SweepOptions, type SweepReport, sweep } from './run/sweep.ts';
