import type { VmtestError } from '../host/errors.ts';
import type { ErrorInfo } from '../results/model.ts';

/** An error as results carry it, with what else is known about the moment. */
export function errorInfo(error: VmtestError, circumstances = ''): ErrorInfo {
  const details = [error.details, circumstances].filter(Boolean).join('\n\n');
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(details === '' ? {} : { details }),
  };
}
