/** Why a target's cells cannot run here at all, as one error for each of them. */
import type { TargetProblem } from '../../drivers/driver.ts';
import { VmtestError } from '../host/errors.ts';
import type { Budget, Demand } from './admission.ts';

export function cannotRun(problems: readonly TargetProblem[]): VmtestError {
  const hint = problems.flatMap((problem) => problem.hint ?? []).join('\n');
  return new VmtestError(
    problems[0]?.code ?? 'TARGET_UNUSABLE',
    problems.map((problem) => problem.message).join('; '),
    hint === '' ? {} : { hint },
  );
}

/** For a demand that even an idle host could not meet. */
export function hostTooSmall(demand: Demand, budget: Budget): VmtestError {
  const limit = budget.engines[demand.engine];
  if (limit === 0) {
    return new VmtestError('ENGINE_LIMITED', `limits.engines allows no machine of ${demand.engine}`, {
      hint: 'Raise the limit, or leave these cells out.',
    });
  }
  return new VmtestError(
    'HOST_TOO_SMALL',
    `a machine of this target takes ${mebibytes(demand.memory)}; guests may have ${mebibytes(budget.memory)} here`,
    { hint: 'Lower `memory` of the target, free memory on this host, or raise `limits.memory`.' },
  );
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}
