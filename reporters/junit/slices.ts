/** What stands in one JUnit file: suites, or parts of them where a file would grow too large. */
import type { CellResult, TestSuite } from '../../src/results/model.ts';
import { errorSuite, notRunSuite } from '../../src/results/pseudo-suites.ts';
import type { JUnitSettings } from './settings.ts';
import { uniquelyNamed } from './unique-names.ts';

export interface SuiteSlice {
  cell: CellResult;
  /** With the cases of this slice only. */
  suite: TestSuite;
  /** A running number over all files. */
  id: number;
  /** Whether this is the end of the suite, where what it said itself stands. */
  isLast: boolean;
}

/** Every suite as a whole, in the order of the cells. */
export function* wholeSuites(
  cells: readonly CellResult[],
  { unique = false, label }: JUnitSettings,
): Generator<SuiteSlice> {
  let id = 0;
  for (const cell of cells) {
    const suites = suitesOf(cell);
    for (const suite of unique ? uniquelyNamed(suites, label) : suites) {
      yield { cell, suite, id, isLast: true };
      id += 1;
    }
  }
}

/** How many bytes things take in the file. */
export interface Sizes {
  /** Beside all suites. */
  document: number;
  /** Beside its cases; at most. */
  suite(slice: SuiteSlice): number;
  testCase(slice: SuiteSlice, index: number): number;
}

type Caps = Required<Pick<JUnitSettings, 'maxCases' | 'maxBytes'>>;

/** One list a file. A file is only begun when something stands in it, and the first is there in any case. */
export function* intoFiles(
  cells: readonly CellResult[],
  settings: JUnitSettings,
  sizes: Sizes,
): Generator<SuiteSlice[]> {
  const { maxCases = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = settings;
  const file = new File({ maxCases, maxBytes }, sizes.document);
  for (const whole of wholeSuites(cells, settings)) {
    const frame = sizes.suite(whole);
    let start = 0;
    const cut = (end: number, isLast: boolean) => {
      const cases = whole.suite.cases.slice(start, end);
      // What the suite took as a whole is not what a part of it took.
      const { duration: _duration, ...part } = whole.suite;
      const isWhole = start === 0 && isLast;
      file.slices.push({ ...whole, suite: isWhole ? whole.suite : { ...part, cases }, isLast });
      start = end;
    };
    if (file.slices.length > 0 && !file.fits(1, frame)) yield file.next();
    file.bytes += frame;
    for (let index = 0; index < whole.suite.cases.length; index++) {
      const size = sizes.testCase(whole, index);
      const hasMore = file.slices.length > 0 || index > start;
      if (hasMore && !file.fits(1, size)) {
        if (index > start) cut(index, false);
        yield file.next();
        file.bytes += frame;
      }
      file.cases += 1;
      file.bytes += size;
    }
    cut(whole.suite.cases.length, true);
  }
  yield file.slices;
}

class File {
  slices: SuiteSlice[] = [];
  cases = 0;
  bytes: number;
  readonly #caps: Caps;
  readonly #empty: number;

  constructor(caps: Caps, empty: number) {
    this.#caps = caps;
    this.#empty = empty;
    this.bytes = empty;
  }

  fits(cases: number, bytes: number): boolean {
    return this.cases + cases <= this.#caps.maxCases && this.bytes + bytes <= this.#caps.maxBytes;
  }

  /** Hands over what is in it, and begins anew. */
  next(): SuiteSlice[] {
    const { slices } = this;
    this.slices = [];
    this.cases = 0;
    this.bytes = this.#empty;
    return slices;
  }
}

/** A cell that nobody gave a case (a result made by another program) still appears. */
function suitesOf(cell: CellResult): readonly TestSuite[] {
  if (cell.suites.some(({ cases }) => cases.length > 0)) return cell.suites;
  const { error, phase = 'run', outcome } = cell;
  return [...cell.suites, error ? errorSuite(phase, error) : notRunSuite(`${outcome}, without any test`)];
}
