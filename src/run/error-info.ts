import type { VmtestError } from '../host/errors.ts';
import type { ErrorInfo } from '../results/model.ts';

/** An error as results carry it. */
export function errorInfo(error: VmtestError, consoleTail = ''): ErrorInfo {
  const console = consoleTail === '' ? '' : `the end of the console:\n${consoleTail}`;
  const details = [error.details, console].filter(Boolean).join('\n\n');
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(details === '' ? {} : { details }),
  };
}
