/** How a case ended, by its children and its attributes. */
import type { TestFailure, TestStatus } from '../../model.ts';
import type { Attributes } from '../../xml-stream.ts';
import type { Skipped } from './details.ts';

/** A case without a child that says so is skipped when its attributes do (GoogleTest, CTest, Eclipse, C++ loggers). */
const SKIPPED_WORDS = /^(?:notrun|disabled|ignored|skipped|suppressed)$/i;
/** And failed when they do: nothing that calls itself failed may pass for want of a child. */
const FAILED_WORDS = /^(?:fail|failed|failure)$/i;
const ERROR_WORDS = /^(?:error|errored|incomplete)$/i;

/** A failure is never hidden by a skip (but for a to-do) or a status word beside it, though some viewers read it so. */
export function statusOf(found: {
  finished: boolean;
  failed: boolean;
  failures: readonly TestFailure[];
  skipped: Skipped | undefined;
  attributes: Attributes;
}): TestStatus {
  if (!found.finished) return 'error';
  if (found.skipped?.todo) return 'skipped';
  if (found.failed) return 'failed';
  if (found.failures.length > 0) return 'error';
  const words = statusWords(found.attributes);
  if (words.some((word) => FAILED_WORDS.test(word))) return 'failed';
  if (words.some((word) => ERROR_WORDS.test(word))) return 'error';
  return found.skipped || words.some((word) => SKIPPED_WORDS.test(word)) ? 'skipped' : 'passed';
}

function statusWords({ status, result, ignored, incomplete }: Attributes): string[] {
  const words: string[] = [];
  if (status) words.push(status);
  if (result) words.push(result);
  if (ignored === 'true') words.push('ignored');
  if (incomplete === 'true') words.push('incomplete');
  return words;
}
