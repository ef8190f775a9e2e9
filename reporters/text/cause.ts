/** Causes of failures in words, for reports that are text. */
import type { Cause } from '../../src/results/causes.ts';
import type { CellResult } from '../../src/results/model.ts';
import type { Symptom } from '../../src/results/symptoms.ts';
import type { Condition } from '../../src/results/tell-apart.ts';
import { plural, testTitle } from './words.ts';

const VALUES = 12;

/**
 * `wherever libc is musl`, `mostly where node is 22 (but 2 such cells passed)`. Empty when nothing is known, and when
 * that would be to name a value for each cell: the cells stand beside it.
 */
export function whereInWords({ conditions, spared, cells }: Cause): string {
  const isList = conditions.some(({ values }) => values.length >= cells.length);
  if (conditions.length === 0 || isList) return '';
  const where = conditions.map((condition) => conditionInWords(condition)).join(' and ');
  return spared === 0
    ? `wherever ${where}`
    : `mostly where ${where} (but ${plural(spared, 'such cell')} passed)`;
}

/** `node is 20 or 22`, `target is not debian-12`. */
export function conditionInWords(
  { axis, values, except }: Condition,
  shown: (text: string) => string = (text) => text,
): string {
  const some = values.slice(0, VALUES).map(shown);
  const more = values.length > some.length ? [`${values.length - some.length} more`] : [];
  return `${shown(axis)} is ${except ? 'not ' : ''}${[...some, ...more].join(' or ')}`;
}

/** The test, or the phase with the code of its error; of a cell that was retried and tells no test, that it was. */
export function symptomTitle({ kind, test, phase = 'run', failure }: Symptom): string {
  if (kind === 'error') return `${phase}: ${failure.type ?? 'UNKNOWN'}`;
  if (test) return testTitle({ name: test.suite }, test);
  return kind === 'flaky' ? (failure.message ?? '') : 'the cell itself';
}

/** Empty when none is. */
export function allowanceInWords(cells: readonly CellResult[]): string {
  const allowed = cells.filter(({ allowedToFail }) => allowedToFail).length;
  if (allowed === 0) return '';
  return allowed === cells.length ? 'allowed to fail' : `${allowed} allowed to fail`;
}

/** `3 attempts`, `up to 3 attempts`; empty when nobody tried again. */
export function attemptsInWords(cells: readonly CellResult[]): string {
  const counts = cells.map(({ attempts }) => attempts.length);
  const most = Math.max(...counts);
  if (most < 2) return '';
  return `${counts.every((count) => count === most) ? '' : 'up to '}${most} attempts`;
}

/** The one to look at first: a cell that must not fail, where there is one. */
export function leadOf({ cells }: Cause): CellResult {
  return (cells.find(({ allowedToFail }) => !allowedToFail) ?? cells[0]) as CellResult;
}

/** `passed on attempt 2` of cells that were retried, else how many tests were. */
export function flakyInWords({ cells, symptoms }: Cause): string {
  const attempts = new Set(cells.map((cell) => cell.attempts.length));
  const [count = 1] = attempts;
  return attempts.size === 1 && count > 1
    ? `passed on attempt ${count}`
    : plural(symptoms.length, 'flaky test');
}
