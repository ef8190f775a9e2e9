/**
 * The one error family. Whoever throws decides the code and whether trying again can help;
 * nobody further up matches message text.
 */
import { refusalOf } from './system-errors.ts';

export interface VmtestErrorOptions {
  /** What a person can do about it, as one or two sentences; a command where there is one. */
  hint?: string;
  /** True when the same action may succeed on a fresh machine (a lost connection, a busy port). Default: false. */
  retryable?: boolean;
  /** Longer material for logs: an engine's stderr, the tail of a console. */
  details?: string;
  /** What could not be taken away after the failure, in words: its lease must stay, for the sweep. */
  leftBehind?: string;
  cause?: unknown;
}

export class VmtestError extends Error {
  override readonly name = 'VmtestError';
  /** Stable and upper case, such as `QEMU_START_FAILED`: scripts and reports may rely on it. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly details: string | undefined;
  readonly leftBehind: string | undefined;

  constructor(code: string, message: string, options: VmtestErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
    this.leftBehind = options.leftBehind;
  }

  /** The same error with more known about it. It is the new one's cause. */
  with(more: Omit<VmtestErrorOptions, 'hint' | 'cause'>): VmtestError {
    const { code, message, hint, retryable, details, leftBehind } = this;
    return new VmtestError(code, message, {
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
      ...(leftBehind === undefined ? {} : { leftBehind }),
      retryable,
      cause: this,
      ...more,
    });
  }
}

/**
 * An error that names a deadline: what took too long, and for how long.
 * @param waitedFor what it consisted of at that moment, from the outermost on.
 */
export function timeoutError(
  what: string,
  ms: number,
  options: VmtestErrorOptions = {},
  waitedFor: readonly string[] = [],
): VmtestError {
  const parts = waitedFor.length === 0 ? '' : `; it waited for ${waitedFor.join(', ')}`;
  return new VmtestError('TIMEOUT', `${what} took longer than ${formatSeconds(ms)}${parts}`, {
    retryable: true,
    ...options,
  });
}

/** Any thrown value as a `VmtestError`: what the system refused, by its reason; all else as `INTERNAL`, with its stack. */
export function toVmtestError(thrown: unknown): VmtestError {
  if (thrown instanceof VmtestError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const refusal = refusalOf(error);
  if (refusal) {
    const { code, words, hint, retryable } = refusal;
    return new VmtestError(code, `${placeOf(error)}${words}`, { hint, retryable, cause: error });
  }
  return new VmtestError('INTERNAL', error.message, {
    cause: error,
    ...(error.stack === undefined ? {} : { details: error.stack }),
  });
}

/** What the system was asked for, as far as it told. Of two files, the second is the one that is written. */
function placeOf({ path, dest, syscall }: NodeJS.ErrnoException & { dest?: string }): string {
  const place = dest ?? path ?? syscall;
  return place === undefined ? '' : `${place}: `;
}

/**
 * Undoes what had been begun when something failed, and throws that failure. When the undoing fails too, the failure also says
 * what is left behind.
 */
export async function undoAndThrow(thrown: unknown, undo: () => Promise<unknown>): Promise<never> {
  try {
    await undo();
  } catch (error) {
    throw toVmtestError(thrown).with({ leftBehind: toVmtestError(error).message });
  }
  throw thrown;
}

function formatSeconds(ms: number): string {
  return `${ms % 1000 === 0 ? ms / 1000 : (ms / 1000).toFixed(1)} s`;
}
