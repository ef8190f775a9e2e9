/** Between the problems that `check` collects and the errors that are thrown when one comes up later. */
import { toVmtestError, VmtestError } from '../src/host/errors.ts';
import type { TargetProblem } from './driver.ts';

export function problemOf(error: unknown): TargetProblem {
  const { code, message, hint } = toVmtestError(error);
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

export function problemError({ code, message, hint }: TargetProblem, cause?: unknown): VmtestError {
  return new VmtestError(code, message, { ...(hint === undefined ? {} : { hint }), cause });
}
