/** What tests and suites said, as much of it as viewers show, and where the rest is. */
import { cutMiddle } from '../../src/results/bounded-text.ts';
import type { CellFiles, CellResult, TestCase } from '../../src/results/model.ts';
import { element } from '../xml-writer.ts';

export interface OutputOptions {
  /** Where a viewer finds a file of the output folder: relative to the project, which is what they resolve against. */
  attachment(file: string): string;
}

/** Characters. Jenkins cuts the output of passing tests to half of it, that of failing ones to a little more. */
const SHORT = 2_000;
const FULL = 40_000;

const ATTACHMENT = '[[ATTACHMENT|';

/** At most one element a stream: readers in the wild take the first or the last of several. */
export function outputElements(
  indent: string,
  { stdout = '', stderr = '' }: Pick<TestCase, 'stdout' | 'stderr'>,
  { files }: Pick<CellResult, 'files'>,
  wanted: { isFull: boolean; withFiles?: boolean },
  options: OutputOptions,
): string {
  const limit = wanted.isFull ? FULL : SHORT;
  const isCut = stdout.length > limit || stderr.length > limit;
  const named = wanted.withFiles ? cellFilesOf(files) : isCut ? wholeOutputOf(files) : [];
  const appendix = named.map((file) => `${ATTACHMENT}${options.attachment(file)}]]\n`).join('');
  const shown = disarm(cutMiddle(stdout, limit));
  const gap = shown !== '' && appendix !== '' && !shown.endsWith('\n') ? '\n' : '';
  const out = shown + gap + appendix;
  const err = disarm(cutMiddle(stderr, limit));
  return [
    out === '' ? '' : `${indent}${element('system-out', {}, out)}\n`,
    err === '' ? '' : `${indent}${element('system-err', {}, err)}\n`,
  ].join('');
}

/** Jenkins (with its plugin), GitLab, Azure and Gradle take lines that name them for files to show with the test. */
function cellFilesOf({ output, console, screen }: CellFiles): string[] {
  return [output, console, screen].filter((file) => file !== undefined);
}

/** What was cut stands whole in the guest's own report, where there is just one, else in the cell's log. */
function wholeOutputOf({ output, results = [] }: CellFiles): string[] {
  const [only, ...others] = results;
  const file = only !== undefined && others.length === 0 ? only : output;
  return file === undefined ? [] : [file];
}

/** The same line written by a guest would make Jenkins publish a file of the CI host that the guest chose. */
export function disarm(text: string): string {
  return text.replaceAll(ATTACHMENT, '[ [ATTACHMENT|');
}
