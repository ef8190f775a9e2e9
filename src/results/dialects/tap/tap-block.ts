/** One level of TAP: the whole document, or a subtest. Points without a subtest are tests, subtests are suites. */
import { keepMessage, keepName } from '../../keep-text.ts';
import type { TestCase, TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { Numbering } from './numbering.ts';
import type { PointLine } from './tap-line.ts';

export class TapBlock {
  readonly numbering = new Numbering();
  readonly cases: TestCase[] = [];
  /** Subtests, in order. */
  readonly blocks: TapBlock[] = [];
  /** Known by a `# Subtest:` in front, or only by the point behind. */
  name: string | undefined;
  /** The point that opened it with `{`; others come after their subtest. */
  readonly opener: PointLine | undefined;
  /** Milliseconds. */
  duration: number | undefined;
  /** A subtest that has ended, and whose point is to come. */
  ended: TapBlock | undefined;
  /** Name of the next subtest. */
  nextName: string | undefined;

  constructor(name?: string, opener?: PointLine) {
    this.name = name;
    this.opener = opener;
  }

  get failing(): boolean {
    return this.cases.some(isFailing) || this.blocks.some((block) => block.failing);
  }

  /** A point marked as to do may fail, with all below it. */
  excuse(reason: string): void {
    this.cases.forEach((testCase, at) => {
      if (!isFailing(testCase)) return;
      const { failures: _, ...rest } = testCase;
      this.cases[at] = { ...rest, status: 'skipped', skipReason: reason };
    });
    for (const block of this.blocks) block.excuse(reason);
  }

  /** Adds a case for what is wrong with the numbers. */
  checkNumbers(context: ReadContext): void {
    const message = this.numbering.fault();
    if (message !== undefined) this.addFailure('(plan)', message, context);
  }

  addFailure(name: string, message: string, context: ReadContext): void {
    const kept = keepMessage(message, context);
    const failures = kept === undefined ? [] : [{ message: kept }];
    this.cases.push({ name, status: 'failed', failures });
  }

  /** This block and those below it as flat suites. */
  suites(path: string, context: ReadContext): TestSuite[] {
    const found: TestSuite[] = [];
    if (this.cases.length > 0) {
      const duration = this.duration === undefined ? {} : { duration: this.duration };
      found.push({ name: path || 'tests', ...duration, cases: this.cases });
    }
    for (const block of this.blocks) {
      const name = block.name || '(no name)';
      const below = keepName(path === '' ? name : `${path} > ${name}`, context) ?? '';
      for (const suite of block.suites(below, context)) found.push(suite);
    }
    return found;
  }
}

function isFailing({ status }: TestCase): boolean {
  return status === 'failed' || status === 'error';
}
