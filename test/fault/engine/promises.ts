/** What a run whose engine went wrong owes to people: the truth, words to act on, and reports that are whole. */

import type { CellResult, ErrorInfo, RunResult } from '../../../src/results/model.ts';
import { junitProblems, readResults, schemaProblems } from '../kill-points/verdicts.ts';
import type { Ended as Exit } from '../kill-points/vmtest.ts';
import type { Told } from './bend/told.ts';
import { OUCH } from './faults.ts';
import { cellOf, TRUTH } from './matrix.ts';
import type { Trial } from './trials.ts';

export interface Ended extends Exit {
  result: RunResult | undefined;
  /** Of the reports themselves. */
  problems: string[];
  /** Whether a person was told that something is left for `vmtest clean`. */
  tellsOfLeft: boolean;
}

export async function readEnd(folder: string, exit: Exit): Promise<Ended> {
  const result = await readResults(folder);
  const problems = result ? [...schemaProblems(result), ...(await junitProblems(result, folder))] : [];
  return {
    ...exit,
    result,
    problems,
    tellsOfLeft: /vmtest clean. (tries again|takes)/.test(JSON.stringify(result) + exit.output),
  };
}

/** A line for each that is not as promised. */
export function complaintsAbout(
  trial: Trial,
  { result, problems, ...exit }: Ended,
  told: readonly Told[],
): string[] {
  const inside = told.filter((line) => line.kind === 'complaint').map(({ name }) => `complains: ${name}`);
  const said = stackIn(exit.output) ? [`it said: ${exit.output}`] : [];
  const [cell] = result?.cells ?? [];
  if (!result || !cell)
    return [...inside, `no results; it ended with ${exit.exitCode ?? exit.signal}: ${exit.output}`];
  return [
    ...inside,
    ...said,
    ...problems,
    ...wrongVerdict(trial, cell),
    ...(exit.exitCode === EXIT_CODES[cell.outcome] ? [] : [`exit code ${exit.exitCode} for ${cell.outcome}`]),
    ...cell.attempts.flatMap(({ error }) => (error ? wrongWords(trial, error) : [])),
    ...cell.attempts.flatMap(({ notes }) => notes.filter(isGibberish).map((note) => `note: ${note}`)),
    ...(cell.error && cell.attempts.length === 0 ? wrongWords(trial, cell.error) : []),
  ];
}

const EXIT_CODES: Readonly<Record<string, number>> = { passed: 0, flaky: 0, failed: 1, error: 3 };

/** The truth, or an error. What is only late is no error. */
function wrongVerdict({ test, trouble }: Trial, { id, outcome, error }: CellResult): string[] {
  const truth = TRUTH[test] === 'passed' ? ['passed', 'flaky'] : ['failed'];
  if (id !== cellOf(test)) return [`the cell is called ${id}`];
  const isLate = trouble.fault === 'late' && trouble.span === 'once';
  const right = isLate ? truth : [...truth, 'error'];
  return right.includes(outcome)
    ? []
    : [`${outcome} (${error?.code} ${error?.message}), not ${right.join(' or ')}`];
}

function wrongWords({ trouble }: Trial, error: ErrorInfo): string[] {
  const { code, message, hint = '', details = '' } = error;
  const all = `${code}: ${message} | ${hint} | ${details}`;
  const isUnsaid = trouble.fault === 'fails' && !all.includes(OUCH);
  return [
    ...(code === 'INTERNAL' ? [`internal: ${all}`] : []),
    ...(isGibberish(`${message} ${hint}`) || stackIn(details) ? [`gibberish: ${all}`] : []),
    ...(isUnsaid ? [`the engine's words are missing: ${all}`] : []),
    ...(code === 'TIMEOUT' && /^phase \w+ took/.test(message) && !/it waited for /.test(message)
      ? [`names nothing that it waited for: ${all}`]
      : []),
  ];
}

function isGibberish(text: string): boolean {
  return /\bundefined\b|\[object |\bNaN\b|TypeError|SyntaxError|Unexpected token|in JSON at/.test(text);
}

/** Whether words are those of a program's error, not for people. */
export function gibberishIn(text: string): boolean {
  return isGibberish(text) || stackIn(text);
}

function stackIn(text: string): boolean {
  return /^\s+at .*:\d+:\d+\)?$/m.test(text);
}
