/** What a program prints when it fails, as coded errors: a table of texts, and the first of them that fits. */
import { VmtestError } from './errors.ts';

export interface KnownFailure {
  pattern: RegExp;
  code: string;
  /** May use `$1` for the pattern's first group, and `$&` for all that it matched. */
  message: string;
  hint?: string;
  /** Default: false. */
  retryable?: boolean;
}

export interface FailureContext {
  /** What was being done: "starting the machine". */
  doing: string;
  /** For failures that are not in the table; so are `hint` and `retryable`. */
  code: string;
  hint?: string;
  retryable?: boolean;
  cause?: unknown;
}

export interface FailureTexts {
  /** The first that fits wins. */
  known: readonly KnownFailure[];
  /** The message when none does. */
  tell(text: string): string;
  /** What is shown for `$&`. Default: as it stands. */
  shorten?(match: string): string;
}

/** The whole text is kept as details. */
export function explainFailure(
  text: string,
  { doing, code, hint, retryable, cause }: FailureContext,
  { known, tell, shorten = (match) => match }: FailureTexts,
): VmtestError {
  const found = known.find(({ pattern }) => pattern.test(text));
  const advice = found ? found.hint : hint;
  return new VmtestError(
    found?.code ?? code,
    `${doing} failed: ${found ? fill(found, text, shorten) : tell(text)}`,
    {
      ...(text.trim() === '' ? {} : { details: text }),
      ...(cause === undefined ? {} : { cause }),
      ...(advice === undefined ? {} : { hint: advice }),
      retryable: (found ? found.retryable : retryable) ?? false,
    },
  );
}

function fill({ pattern, message }: KnownFailure, text: string, shorten: (match: string) => string): string {
  const match = pattern.exec(text);
  const found: Record<string, string> = { $1: match?.[1] ?? '?', '$&': shorten(match?.[0] ?? '') };
  // In one go, and by a function: what a vendor prints may itself hold such marks.
  return message.replaceAll(/\$[1&]/g, (mark) => found[mark] ?? mark);
}
