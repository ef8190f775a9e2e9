/** Problems of a matrix file: collected at once, in file order, each said once; and how they look in print. */
import { VmtestError } from '../src/host/errors.ts';
import type { Problem } from './model.ts';

/** Printing more than this helps nobody; how many more there are is said. */
const MOST_PRINTED = 100;
const WIDEST_SOURCE = 160;

/** A file that cannot be used. The CLI ends with 2. */
export class MatrixFileError extends VmtestError {
  /** Empty when the file could not be read at all. */
  readonly problems: readonly Problem[];

  constructor(
    message: string,
    options: { hint?: string; problems?: readonly Problem[]; text?: string } = {},
  ) {
    const problems = options.problems ?? [];
    super('MATRIX_FILE', message, {
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      ...(problems.length === 0 ? {} : { details: formatProblems(problems, options.text) }),
    });
    this.problems = problems;
  }
}

/** The error for a file with problems; `text` is the file's, for the source lines. */
export function problemsError(problems: readonly Problem[], text: string): MatrixFileError {
  const file = problems[0]?.file ?? 'the matrix file';
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new MatrixFileError(`${file} has ${count}`, { problems, text });
}

/** In the order of the file, without repetitions. */
export function inFileOrder(problems: Iterable<Problem>): Problem[] {
  const unique = new Map<string, Problem>();
  for (const problem of problems) {
    unique.set(`${problem.line}:${problem.column}:${problem.message}`, problem);
  }
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * `file:line:column: message` for each problem, with its source line, a caret and the hint below it. Without the
 * file's text the source lines are left out. Ends with a newline.
 */
export function formatProblems(problems: readonly Problem[], text?: string): string {
  const lines = text === undefined ? [] : text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const shown = problems.slice(0, MOST_PRINTED).map((problem) => formatProblem(problem, lines));
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`… and ${more} more`);
  return shown.map((block) => `${block}\n`).join('');
}

function formatProblem(problem: Problem, lines: readonly string[]): string {
  const { file, line, column, message, hint } = problem;
  const block = [printable(`${file}:${line}:${column}: ${message}`)];
  const source = lines[line - 1];
  if (source !== undefined && source.trim() !== '') block.push(...underlined(source, column));
  if (hint !== undefined) block.push(printable(`    hint: ${hint}`));
  return block.join('\n');
}

/** One line without control characters and invisible marks, which escapes in quoted texts can bring in. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** The source line and a caret below the column. Long lines are cut around it; tabs and the like take one column. */
function underlined(source: string, column: number): string[] {
  const from = column > WIDEST_SOURCE - 20 ? column - WIDEST_SOURCE / 2 : 0;
  const part = source.slice(from, from + WIDEST_SOURCE).replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  return [`    ${part.trimEnd()}`, `    ${' '.repeat(Math.max(0, column - 1 - from))}^`];
}
