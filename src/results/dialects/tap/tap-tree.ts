/** The levels of TAP as they open and close: which points are tests, which belong to a subtest. */
import { keepMessage } from '../../keep-text.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { DialectResult } from '../dialect.ts';
import { takeRoom } from '../room.ts';
import { OpenPoint } from './open-point.ts';
import { TapBlock } from './tap-block.ts';
import type { PointLine, TapLine } from './tap-line.ts';

/** Lines that are neither noise nor a closing brace. */
export type Statement = Exclude<TapLine, { type: 'other' | 'close' }>;

export class TapTree {
  /** Outermost levels; a file may hold several documents. */
  readonly #documents: TapBlock[] = [];
  readonly #context: ReadContext;
  #levels: TapBlock[] = [];
  /** The last point of the innermost level, and what to do with it when its diagnostics are over. */
  #point: { open: OpenPoint; settle: (open: OpenPoint) => void } | undefined;
  #complete = true;
  stopped = false;

  constructor(context: ReadContext) {
    this.#context = context;
    this.#begin();
  }

  /** Of the innermost level; 0 for that of the document. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  get hasPoint(): boolean {
    return this.#point !== undefined;
  }

  yaml(line: string): void {
    this.#point?.open.yaml(line);
  }

  comment(line: string): void {
    this.#point?.open.line(line);
  }

  take(line: Statement, level: number): void {
    if (level > this.depth && !this.#openSubtest(line)) return;
    while (level < this.depth) this.#endSubtest();
    this.#takeHere(line);
  }

  closeBrace(level: number): void {
    const isOpen = this.#levels.slice(level + 1).some(({ opener }) => opener !== undefined);
    if (!isOpen) return;
    while (this.depth > level) this.#endSubtest();
  }

  /** What was read is not all there was. */
  missing(problem: string): void {
    this.#complete = false;
    this.#context.problems.add(problem);
  }

  cutOff(): void {
    this.missing('the file ends in the middle: it was cut off, or its writer was');
  }

  end(): DialectResult {
    if (!this.stopped && this.depth > 0) this.cutOff();
    this.#endDocument();
    const suites = this.#documents.flatMap((root) => root.suites('', this.#context));
    return { suites, complete: this.#complete };
  }

  #takeHere(line: Statement): void {
    const block = this.#innermost();
    this.#settlePoint();
    switch (line.type) {
      case 'point':
        this.#takePoint(line, block);
        break;
      case 'plan':
        block.numbering.plan(line);
        break;
      case 'subtest':
        block.nextName = line.text;
        break;
      case 'bail':
        block.addFailure('(bail out)', line.text || 'Bail out!', this.#context);
        this.stopped = true;
        break;
      case 'version':
        if (this.depth === 0 && (block.numbering.planned || block.numbering.count > 0)) {
          this.#endDocument();
          this.#begin();
        }
    }
  }

  /** Answers whether there was any. */
  #takeRoom(what: 'cases' | 'suites'): boolean {
    const full = takeRoom(this.#context, what);
    if (full) this.#stop(full);
    return full === undefined;
  }

  #stop(problem: string): void {
    this.missing(problem);
    this.stopped = true;
  }

  #takePoint(point: PointLine, block: TapBlock): void {
    block.numbering.point(point.id);
    const subtest = block.ended;
    block.ended = undefined;
    if (point.opens) {
      block.nextName = undefined;
      this.#push(new TapBlock(point.name, point));
    } else if (subtest && subtest.numbering.count > 0) {
      this.#takeParent(point, subtest);
    } else {
      // Perl leaves out the name of a subtest that was skipped.
      const name = point.name || subtest?.name || block.nextName || '';
      this.#takeLeaf(skippedBy(subtest?.numbering.skipReason, { ...point, name }), block);
    }
    if (!point.opens) block.nextName = undefined;
  }

  #takeLeaf(point: PointLine, block: TapBlock): void {
    if (!this.#takeRoom('cases')) return;
    this.#point = {
      open: new OpenPoint(point, this.#context),
      settle: (open) => block.cases.push(open.toCase()),
    };
  }

  /** The point of a subtest. Its failure is told by the tests below it, or else by a case of its own. */
  #takeParent(point: PointLine, subtest: TapBlock): void {
    subtest.name ??= point.name;
    if (point.directive) {
      const { type, reason } = point.directive;
      const said = `${type === 'todo' ? 'TODO ' : ''}${reason}`.trim();
      subtest.excuse(keepMessage(said, this.#context) ?? type);
    }
    const broke = !point.ok && !point.directive && !subtest.failing;
    this.#point = {
      open: new OpenPoint(point, this.#context),
      settle: (open) => {
        subtest.duration = open.duration;
        if (broke) subtest.cases.push(open.toCase('(suite)'));
      },
    };
  }

  #settlePoint(): void {
    const point = this.#point;
    this.#point = undefined;
    point?.settle(point.open);
  }

  /** A subtest is named by a comment before it, or by the first line in it. Answers whether the line is still to be taken. */
  #openSubtest(line: TapLine): boolean {
    this.#settlePoint();
    const { nextName } = this.#innermost();
    const namedInside = line.type === 'subtest' && nextName === undefined;
    const pushed = this.#push(new TapBlock(namedInside ? line.text : nextName));
    return pushed && !namedInside;
  }

  #push(subtest: TapBlock): boolean {
    const { limits } = this.#context;
    if (this.depth >= limits.depth) {
      this.#stop(`subtests are nested more than ${limits.depth} deep; the rest was not read`);
      return false;
    }
    if (!this.#takeRoom('suites')) return false;
    const block = this.#innermost();
    block.nextName = undefined;
    block.blocks.push(subtest);
    this.#levels.push(subtest);
    return true;
  }

  #endSubtest(): void {
    this.#settlePoint();
    const subtest = this.#levels.pop();
    if (!subtest) return;
    const { count, planned } = subtest.numbering;
    // A name may end in a brace without opening anything.
    const nothing = subtest.opener !== undefined && count === 0 && !planned;
    if (!nothing && !this.stopped) subtest.checkNumbers(this.#context);
    const block = this.#innermost();
    if (!subtest.opener) {
      block.ended = subtest;
    } else if (count > 0) {
      this.#takeParent(subtest.opener, subtest);
    } else {
      this.#takeLeaf(skippedBy(subtest.numbering.skipReason, subtest.opener), block);
    }
  }

  #begin(): void {
    if (!this.#takeRoom('suites')) return;
    const root = new TapBlock();
    this.#documents.push(root);
    this.#levels = [root];
  }

  #endDocument(): void {
    while (this.depth > 0) this.#endSubtest();
    this.#settlePoint();
    if (this.stopped) return;
    const root = this.#innermost();
    const { planned, count, skipReason } = root.numbering;
    if (!planned) {
      this.missing('the plan (1..N) is missing: the output was cut off, or its writer was');
    } else if (count === 0 && skipReason !== undefined) {
      root.cases.push({
        name: '(all)',
        status: 'skipped',
        skipReason: keepMessage(skipReason, this.#context) ?? '',
      });
    } else {
      root.checkNumbers(this.#context);
    }
  }

  #innermost(): TapBlock {
    return this.#levels.at(-1) as TapBlock;
  }
}

/** A subtest that skipped everything often leaves it to its plan to say so. */
function skippedBy(reason: string | undefined, point: PointLine): PointLine {
  if (reason === undefined || point.directive || !point.ok) return point;
  return { ...point, directive: { type: 'skip', reason } };
}
