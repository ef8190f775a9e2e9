import { VmtestError } from '../host/errors.ts';

/** What ended the work was a limit, of time or of silence. Who wants to be rid of a command waits for nothing more. */
export function tookTooLong({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof VmtestError && ['TIMEOUT', 'SILENT'].includes(reason.code);
}
