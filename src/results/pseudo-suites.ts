/**
 * Cases that no guest wrote. Viewers show tests only: a cell without any would vanish from every dashboard, so what
 * happened to it becomes a case. Names are the same in every run, for viewers keep history by them.
 */
import { cutEnd } from './bounded-text.ts';
import {
  type ErrorInfo,
  PHASES,
  type Phase,
  type TestCase,
  type TestFailure,
  type TestSuite,
} from './model.ts';
import { cleanLine } from './sanitize.ts';

/** The suite of a case that stands for the test command. */
export const COMMAND_SUITE = 'command';

/** The suite of a case that stands for the cell itself. */
const CELL_SUITE = 'vmtest';
const CELL_CASE = 'cell';

const NAME_LENGTH = 120;

/** The test command itself as a test: the only one of a cell that names no result files. */
export function commandSuite(script: string, failure?: TestFailure): TestSuite {
  const name = commandName(script);
  return {
    name: COMMAND_SUITE,
    cases: [failure ? { name, status: 'failed', failures: [failure] } : { name, status: 'passed' }],
  };
}

/** A cell that could not be run, or whose results could not be had. */
export function errorSuite(phase: Phase, error: ErrorInfo): TestSuite {
  const message = `${error.code}: ${error.message}`;
  const text = [message, error.hint, error.details].filter(Boolean).join('\n\n');
  const failure = { type: `vmtest.${phase}`, message, text };
  return { name: CELL_SUITE, cases: [{ name: phase, status: 'error', failures: [failure] }] };
}

/** A cell that was not run on purpose, or was given up. */
export function notRunSuite(reason: string): TestSuite {
  return { name: CELL_SUITE, cases: [{ name: CELL_CASE, status: 'skipped', skipReason: reason }] };
}

/** Whether it holds no test of anybody's, only what became of the cell. */
export function isCellSuite({ name, cases: [only, ...others] }: TestSuite): boolean {
  if (name !== CELL_SUITE || only === undefined || others.length > 0) return false;
  return only.name === CELL_CASE || (PHASES as readonly string[]).includes(only.name);
}

/**
 * What to call a script: its first line that does something (not blank, a comment, or `set -e`), with `…` when more
 * follow. `run` when there is none.
 */
export function commandName(script: string): string {
  const lines = script
    .split(/\r\n|[\r\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:#|::|rem\s|@?echo off\b|set -)/i.test(line));
  const first = lines[0];
  if (first === undefined) return 'run';
  return cutEnd(cleanLine(first), NAME_LENGTH) + (lines.length > 1 ? ' …' : '');
}

/** True for the case that `errorSuite` made of an error. */
export function isErrorCase({ failures = [] }: TestCase): boolean {
  return failures[0]?.type?.startsWith('vmtest.') ?? false;
}
