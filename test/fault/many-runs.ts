import type { Parameters } from 'fast-check';

/** The suite tells the same stories every time: a change is judged by what it changes, not by luck. */
const USUAL = 1;

/**
 * How long a property is tried: so many examples, times `VMTEST_FAULT_RUNS` (default 1). A failure prints seed and path;
 * `VMTEST_FAULT_SEED` and `VMTEST_FAULT_PATH` play that example again.
 */
export function manyRuns<T>(examples: number): Parameters<T> {
  const { VMTEST_FAULT_RUNS: times, VMTEST_FAULT_SEED: seed, VMTEST_FAULT_PATH: path } = process.env;
  return {
    numRuns: Math.ceil(examples * Number(times ?? 1)),
    ...(seed === 'random' ? {} : { seed: Number(seed ?? USUAL) }),
    ...(path === undefined ? {} : { path }),
  };
}
