/**
 * Results as JUnit XML, for the viewers of CI systems. They differ in what tells two tests apart (suite, class or both),
 * so the cell stands in both unless told otherwise; they differ in whether they read nested suites, so there are none;
 * several crash on a missing name, so there is always one.
 */
import { countTests } from '../../src/results/counts.ts';
import type { CellResult, TestSuite } from '../../src/results/model.ts';
import { closeTag, openTag, XML_DECLARATION } from '../xml-writer.ts';
import { type CaseOptions, caseElement, seconds } from './case-element.ts';
import { shown } from './names.ts';
import { outputElements } from './outputs.ts';
import { propertiesElement } from './properties.ts';
import { intoFiles, type Sizes, type SuiteSlice, wholeSuites } from './slices.ts';

export interface JUnitOptions extends CaseOptions {
  /** Wall time of everything, in milliseconds. */
  duration: number;
}

/** The document in pieces, in the order of the cells. */
export function junitDocument(cells: readonly CellResult[], options: JUnitOptions): Generator<string> {
  return documentOf(() => wholeSuites(cells, options), options);
}

/** The documents of a result that is cut into files. Each is whole in itself, with counts and time of its own. */
export function* junitDocuments(
  cells: readonly CellResult[],
  options: JUnitOptions,
): Generator<Generator<string>> {
  for (const slices of intoFiles(cells, options, sizesOf(options))) {
    yield documentOf(() => slices, options);
  }
}

/** @param slices asked twice, for the counts come first. */
function* documentOf(slices: () => Iterable<SuiteSlice>, options: JUnitOptions): Generator<string> {
  yield XML_DECLARATION;
  yield `${openTag('testsuites', { name: 'vmtest', ...rootCounts(slices()), time: seconds(options.duration) })}\n`;
  for (const slice of slices()) yield* suitePieces(slice, options);
  yield `${closeTag('testsuites')}\n`;
}

function rootCounts(slices: Iterable<SuiteSlice>): Record<'tests' | 'failures' | 'errors', number> {
  const sum = { tests: 0, failures: 0, errors: 0 };
  for (const { suite } of slices) {
    const { total, failed, error } = countTests([suite]);
    sum.tests += total;
    sum.failures += failed;
    sum.errors += error;
  }
  return sum;
}

function* suitePieces(slice: SuiteSlice, options: JUnitOptions): Generator<string> {
  const { cell, suite } = slice;
  yield suiteStart(slice, options);
  for (const testCase of suite.cases) yield caseElement(cell, suite, testCase, options);
  yield suiteEnd(slice, options);
}

function suiteStart({ cell, suite, id }: SuiteSlice, options: JUnitOptions): string {
  const { total, failed, error, skipped } = countTests([suite]);
  const tag = openTag('testsuite', {
    name: suiteName(cell, suite, options),
    tests: total,
    failures: failed,
    errors: error,
    skipped,
    time: seconds(suite.duration ?? sumDurations(suite)),
    ...(options.strict
      ? {}
      : {
          timestamp: suite.timestamp ?? cell.attempts.at(-1)?.started,
          hostname: cell.slug,
          id,
          file: suite.file,
        }),
  });
  return `  ${tag}\n${propertiesElement('    ', suiteProperties(cell, suite))}`;
}

/** Surefire's schema knows no output of a suite. */
function suiteEnd({ cell, suite, isLast }: SuiteSlice, options: JUnitOptions): string {
  const said =
    isLast && !options.strict ? outputElements('    ', suite, cell, { isFull: true }, options) : '';
  return `${said}  ${closeTag('testsuite')}\n`;
}

function suiteName({ slug }: CellResult, { name }: TestSuite, { label = 'both' }: JUnitOptions): string {
  const own = shown(name);
  if (label !== 'both' && label !== 'suite') return own ?? 'tests';
  return own === undefined ? slug : `${slug}/${own}`;
}

/**
 * Fixed names win over axes of the same name: the axis is in the cell's id anyway. Datadog tells environments apart by
 * tags that begin with `test.configuration`, and reads tags from properties of this form.
 */
function suiteProperties(cell: CellResult, suite: TestSuite): Record<string, string> {
  const axes = Object.entries(cell.values);
  const tag = (name: string) => `dd_tags[test.configuration.${name.replaceAll('.', '_')}]`;
  return {
    ...suite.properties,
    ...Object.fromEntries(axes.map(([axis, value]) => [`vmtest.${axis}`, value])),
    ...Object.fromEntries(axes.map(([axis, value]) => [tag(axis), value])),
    [tag('target')]: cell.target,
    'vmtest.cell': cell.id,
    'vmtest.target': cell.target,
    'vmtest.engine': cell.engine,
    'vmtest.snapshot': cell.snapshot,
    'vmtest.outcome': cell.outcome,
    ...(cell.attempts.length > 1 ? { 'vmtest.attempts': String(cell.attempts.length) } : {}),
    ...(cell.allowedToFail ? { 'vmtest.allowed-to-fail': 'true' } : {}),
  };
}

function sumDurations({ cases }: TestSuite): number {
  return cases.reduce((sum, { duration = 0 }) => sum + duration, 0);
}

/** Digits of the counts of a document, which are not known before it is made. */
const COUNTS = 200;

function sizesOf(options: JUnitOptions): Sizes {
  const bytes = (text: string) => Buffer.byteLength(text);
  return {
    document: bytes([...documentOf(() => [], options)].join('')) + COUNTS,
    suite: (slice) => bytes(suiteStart(slice, options)) + bytes(suiteEnd(slice, options)),
    testCase: ({ cell, suite }, index) => {
      const testCase = suite.cases[index];
      return testCase ? bytes(caseElement(cell, suite, testCase, options)) : 0;
    },
  };
}
