/**
 * What one attempt comes to. The rule in short: exit code 0 *and* results that are all there *and* no failing test make
 * a pass. A failing command is `failed` whatever its results say; a command that succeeds without leaving the results
 * it promised is an `error` of the phase `collect`, never a silent pass.
 */
import { countTests } from './counts.ts';
import { formatDuration } from './duration.ts';
import type { Attempt, ErrorInfo, Phase, TestCase, TestFailure, TestSuite } from './model.ts';
import { INCOMPLETE_TYPE, type ParsedResults } from './parsed-results.ts';
import { commandSuite, errorSuite, notRunSuite } from './pseudo-suites.ts';
import { withoutUndefined } from './without-undefined.ts';

/** How the test command ended. Neither code nor signal: nobody knows, and that is no pass. */
export interface CommandEnd {
  exitCode?: number;
  signal?: string;
  /** Set when it was ended for taking longer than this many milliseconds (`test.timeout`). */
  timedOutAfter?: number;
  /** Set when it was ended for printing nothing for so many milliseconds (`test.idle-timeout`). */
  silentFor?: number;
}

export interface CollectedResults {
  /** As in the matrix file. */
  globs: readonly string[];
  /** How many files they matched. */
  files: number;
  parsed: ParsedResults;
}

export interface Evidence {
  /** The script of `test.run`. */
  command: string;
  end: CommandEnd;
  /** Absent when the cell names no result files. */
  results?: CollectedResults;
  /** The last lines of the command's output: the details of a failing command. */
  tail?: string;
  /** The last lines of the guest's console, where they may say why the command came to no end. */
  console?: string;
}

/** The part of an attempt that is decided here; the run adds number, times and timings. */
export type Verdict = Omit<Attempt, 'number' | 'started' | 'timings'>;

const KEPT_PROBLEMS = 20;

/** An attempt whose test command ran to its end, or was ended. */
export function judge(evidence: Evidence): Verdict {
  const { end, results } = evidence;
  const decided = results === undefined ? judgeByExit(evidence) : judgeByResults(evidence, results);
  return { ...decided, ...withoutUndefined({ exitCode: end.exitCode, signal: end.signal }) };
}

function judgeByExit(evidence: Evidence): Verdict {
  const complaint = complaintAbout(evidence.end);
  const suite = commandSuite(evidence.command, complaint ? commandFailure(complaint, evidence) : undefined);
  return verdict(complaint ? 'failed' : 'passed', [suite]);
}

function judgeByResults(evidence: Evidence, results: CollectedResults): Verdict {
  const { suites } = results.parsed;
  const complaint = complaintAbout(evidence.end);
  const trouble = troubleWith(results);
  const failing = countFailing(results.parsed);
  const notes = notesOn(results);
  if (complaint && failing > 0) return verdict('failed', suites, notes);
  if (complaint) {
    const why = suites.length > 0 ? `${complaint}, although no test failed` : complaint;
    const command = commandSuite(evidence.command, commandFailure(why, evidence));
    return verdict('failed', [...suites, command], notes);
  }
  if (failing > 0) {
    const some = failing === 1 ? 'a test' : `${failing} tests`;
    return verdict('failed', suites, [
      ...notes,
      `the command ended with exit code 0, although ${some} failed`,
    ]);
  }
  return trouble ? errorVerdict('collect', trouble, suites) : verdict('passed', suites, notes);
}

/** An attempt that could not be carried through. `suites` are those that were had all the same. */
export function errorVerdict(phase: Phase, error: ErrorInfo, suites: readonly TestSuite[] = []): Verdict {
  return { phase, error, ...verdict('error', [...suites, errorSuite(phase, error)]) };
}

/** An attempt that was cut short from outside: Ctrl-C, fail-fast. */
export function cancelVerdict(phase: Phase, reason: string): Verdict {
  return { phase, ...verdict('cancelled', [notRunSuite(`cancelled: ${reason}`)]) };
}

export function verdict(outcome: Verdict['outcome'], suites: TestSuite[], notes: string[] = []): Verdict {
  return { outcome, tests: countTests(suites), suites, notes };
}

/** What is wrong with how the command ended; undefined for exit code 0. */
function complaintAbout({ exitCode, signal, timedOutAfter, silentFor }: CommandEnd): string | undefined {
  if (timedOutAfter !== undefined) {
    return `the command took longer than ${formatDuration(timedOutAfter)} (test.timeout) and was ended`;
  }
  if (silentFor !== undefined) {
    return `the command printed nothing for ${formatDuration(silentFor)} (test.idle-timeout) and was ended`;
  }
  if (signal !== undefined) return `the command was ended by ${signal}`;
  if (exitCode === undefined) return 'the command ended without an exit code';
  return exitCode === 0 ? undefined : `the command ended with exit code ${exitCode}`;
}

function commandFailure(message: string, { end, tail, console }: Evidence): TestFailure {
  const type = wasEnded(end) ? 'vmtest.timeout' : 'vmtest.exit';
  const text = [tail, console && `the end of the console:\n${console}`].filter(Boolean).join('\n\n');
  return withoutUndefined({ message, type, text: text || undefined });
}

/** Whether it came to no end of its own. */
export function wasEnded({ timedOutAfter, silentFor }: CommandEnd): boolean {
  return timedOutAfter !== undefined || silentFor !== undefined;
}

/** Why the results do not let a command that succeeded pass. */
function troubleWith({ globs, files, parsed }: CollectedResults): ErrorInfo | undefined {
  const wanted = globs.join(', ');
  if (files === 0 && parsed.complete) {
    return {
      code: 'RESULTS_MISSING',
      message: `the command succeeded, but no file in the guest matches ${wanted}`,
      hint: 'Globs under `results` are relative to the folder in which the command runs. Without `results` the exit code alone decides.',
    };
  }
  const details = { details: firstProblems(parsed.problems).join('\n') };
  if (!parsed.complete) {
    return {
      code: 'RESULTS_INCOMPLETE',
      message: `the command succeeded, but its results are not whole: ${parsed.problems[0] ?? 'some are missing'}`,
      hint: 'The files as they came are in the `results` folder of the cell. If a glob catches other files too, narrow it.',
      ...details,
    };
  }
  if (parsed.suites.some(({ cases }) => cases.length > 0)) return undefined;
  return {
    code: 'RESULTS_EMPTY',
    message: `the command succeeded, but the files that match ${wanted} hold no tests`,
    ...details,
  };
}

function notesOn({ globs, files, parsed }: CollectedResults): string[] {
  return files === 0 && parsed.complete
    ? [`no file in the guest matches ${globs.join(', ')}`]
    : firstProblems(parsed.problems);
}

export function firstProblems(problems: readonly string[]): string[] {
  const more = problems.length - KEPT_PROBLEMS;
  const kept = problems.slice(0, KEPT_PROBLEMS);
  return more > 0 ? [...kept, `and ${more} more problems with the result files`] : kept;
}

/**
 * Tests that really failed; one that a truncated file left unfinished is trouble with the results instead. In a whole
 * file none is unfinished: a test of that type there is the report of another vmtest.
 */
export function countFailing({ suites, complete }: ParsedResults): number {
  const unfinished = ({ failures }: TestCase): boolean =>
    !complete && (failures?.some(({ type }) => type === INCOMPLETE_TYPE) ?? false);
  const failed = (testCase: TestCase): boolean =>
    (testCase.status === 'failed' || testCase.status === 'error') && !unfinished(testCase);
  return suites.reduce((sum, { cases }) => sum + cases.filter(failed).length, 0);
}
