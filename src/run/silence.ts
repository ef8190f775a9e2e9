/** Ends a command that says nothing any more: what hangs is found long before its deadline. */
import { linkSignal } from '../host/deadline.ts';
import { VmtestError } from '../host/errors.ts';
import { formatDuration } from '../results/duration.ts';

/**
 * Runs work that tells by `heard` whenever it hears something.
 * @param ms The longest silence. Undefined: any.
 * @throws VmtestError `SILENT` when nothing was heard for so long; its code is not that of a deadline, which the work may have too.
 */
export async function unlessSilent<T>(
  parent: AbortSignal,
  ms: number | undefined,
  work: (signal: AbortSignal, heard: () => void) => Promise<T>,
): Promise<T> {
  if (ms === undefined) return work(parent, () => {});
  const link = linkSignal(parent);
  let lastHeard = performance.now();
  let timer: NodeJS.Timeout;
  // Looked at when it may be over, and not moved at every piece of output: there may be a million of them.
  const look = () => {
    const left = lastHeard + ms - performance.now();
    if (left > 0) timer = setTimeout(look, Math.ceil(left));
    else link.abort(silent(ms));
  };
  timer = setTimeout(look, ms);
  try {
    return await work(link.signal, () => {
      lastHeard = performance.now();
    });
  } catch (error) {
    throw link.signal.aborted ? link.signal.reason : error;
  } finally {
    clearTimeout(timer);
    link.unlink();
  }
}

function silent(ms: number): VmtestError {
  return new VmtestError('SILENT', `the command printed nothing for ${formatDuration(ms)}`, {
    hint: '`test.idle-timeout` says how long it may be silent.',
    retryable: true,
  });
}
