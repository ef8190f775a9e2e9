/** How a cell ended, in words: one line, and below it the first of what the summary will tell. */
import { formatDuration } from '../../src/results/duration.ts';
import type { RunEventOf } from '../../src/results/events.ts';
import type { CellResult, Outcome } from '../../src/results/model.ts';
import { attemptsInWords } from './cause.ts';
import { failingTests } from './failing-tests.ts';
import type { Paint } from './line.ts';
import { activeTime, isCommandOnly, shortMessage, testsInWords, testTitle } from './words.ts';

const TESTS_AT_ONCE = 3;

export const OUTCOME_PAINT: Record<Outcome, Paint> = {
  passed: 'green',
  flaky: 'yellow',
  failed: 'red',
  error: 'magenta',
  cancelled: 'yellow',
  skipped: 'dim',
};

/** What there is to say beside the outcome itself; may be empty. */
export function outcomeReason(result: CellResult): string {
  switch (result.outcome) {
    case 'passed':
      return isCommandOnly(result) ? '' : testsInWords(result.tests);
    case 'flaky':
      return `passed on attempt ${result.attempts.length}`;
    case 'failed':
      return failureReason(result);
    case 'error':
      return errorReason(result);
    case 'cancelled':
      return `in ${result.phase ?? 'queue'}`;
    case 'skipped':
      return result.suites[0]?.cases[0]?.skipReason ?? '';
  }
}

/** `(12.3 s)`, `(12.3 s, 3 attempts)`; empty for a cell that never started. */
export function outcomeTime(result: CellResult): string {
  if (result.attempts.length === 0) return '';
  // A flaky cell has told on which attempt it passed.
  const attempts = result.outcome === 'flaky' ? '' : attemptsInWords([result]);
  return `(${[formatDuration(activeTime(result)), attempts].filter((text) => text !== '').join(', ')})`;
}

/** ` (allowed to fail)`, where that matters. */
export function allowance({ allowedToFail, outcome }: CellResult): string {
  return allowedToFail && (outcome === 'failed' || outcome === 'error') ? ' (allowed to fail)' : '';
}

export function outcomeDetails(result: CellResult): string[] {
  if (result.outcome === 'error')
    return result.error?.hint === undefined ? [] : [`hint: ${result.error.hint}`];
  if (result.outcome !== 'failed' || isCommandOnly(result)) return [];
  const tests = failingTests(result);
  const more = tests.length - TESTS_AT_ONCE;
  return [
    ...tests.slice(0, TESTS_AT_ONCE).map(({ suite, testCase }) => {
      const message = shortMessage(testCase.failures?.[0] ?? {});
      return `${testTitle(suite, testCase)}${message === '' ? '' : `: ${message}`}`;
    }),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

export function retryReason({ result }: RunEventOf<'cell:attempt'>): string {
  const why =
    result.outcome === 'error'
      ? `ended with an error in ${errorReason(result)}`
      : `failed: ${failureReason(result)}`;
  return `attempt ${result.number} ${why}; trying again`;
}

function failureReason(result: Pick<CellResult, 'suites' | 'tests'>): string {
  const [found] = failingTests(result);
  return isCommandOnly(result)
    ? shortMessage(found?.testCase.failures?.[0] ?? {})
    : testsInWords(result.tests);
}

function errorReason({ phase, error }: Pick<CellResult, 'phase' | 'error'>): string {
  return `${phase ?? 'run'}: ${error?.code ?? 'UNKNOWN'}: ${error?.message ?? 'no reason was given'}`;
}
