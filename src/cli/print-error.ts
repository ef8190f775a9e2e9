/** Errors for people, on stderr, and the exit code that goes with each. */
import { toVmtestError, type VmtestError } from '../host/errors.ts';
import { EXIT } from './exit-codes.ts';

/** Codes of errors that a person mends by calling differently or mending the matrix file. */
const USAGE = new Set([
  'MATRIX_FILE',
  'USAGE',
  'OUTPUT_NOT_OURS',
  'OUTPUT_NOT_A_FOLDER',
  'OUTPUT_IS_BASELINE',
  'CELL_TWICE',
  'FILE_EXISTS',
  'SELECTOR_UNMATCHED',
  'SHARD_INVALID',
  'REPORTER_WITHOUT_PATH',
  'UNKNOWN_REPORTER',
]);

export function printError(thrown: unknown): number {
  const error = toVmtestError(thrown);
  process.stderr.write(formatError(error));
  if (error.code === 'INTERRUPTED') return EXIT.interrupted;
  if (error.code === 'NOTHING_SELECTED') return EXIT.nothing;
  return USAGE.has(error.code) ? EXIT.usage : EXIT.error;
}

export function formatError(error: VmtestError): string {
  // A matrix file's problems bring their own place and form.
  const problems = error.code === 'MATRIX_FILE' && error.details ? error.details : '';
  const hint = error.hint === undefined ? '' : `\n${indent(error.hint)}`;
  const details = error.code === 'INTERNAL' && error.details ? `\n${indent(error.details)}` : '';
  return `${problems}vmtest: ${error.message} [${error.code}]${hint}${details}\n`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
