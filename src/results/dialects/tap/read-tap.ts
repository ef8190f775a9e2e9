/** TAP 12 to 14: lines with their indentation, blocks of diagnostics, and noise in between. */
import { forEachLine, type Line } from '../../bounded-lines.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { DialectReader } from '../dialect.ts';
import { parseTapLine, type TapLine } from './tap-line.ts';
import { TapTree } from './tap-tree.ts';

/** Spaces that a subtest is indented by. Diagnostics are indented by two, those of vitest by four. */
const INDENT = 4;

/** Lines that nothing else looks like. */
const STATEMENTS: ReadonlySet<string> = new Set(['point', 'plan', 'version', 'bail', 'subtest']);

export const readTap: DialectReader = async (text, context) => {
  const reader = new TapReader(context);
  await forEachLine(text, context.limits.unit, (line) => reader.line(line));
  return reader.end();
};

class TapReader {
  readonly #context: ReadContext;
  readonly #tree: TapTree;
  /** Spaces in front of the block of diagnostics that is open. */
  #yaml: number | undefined;

  constructor(context: ReadContext) {
    this.#context = context;
    this.#tree = new TapTree(context);
  }

  line({ text, whole, ended }: Line): boolean {
    if (!whole) {
      this.#tree.missing(`a line is longer than ${this.#context.limits.unit} characters and was cut`);
    }
    const line = text.startsWith('\ufeff') ? text.slice(1) : text;
    if (this.#yaml !== undefined && this.#takeYaml(line, this.#yaml)) return true;
    const content = line.trimStart();
    if (content !== '') this.#content(content, line.length - content.length, ended);
    return !this.#tree.stopped;
  }

  end(): ReturnType<TapTree['end']> {
    if (this.#yaml !== undefined) this.#tree.cutOff();
    return this.#tree.end();
  }

  /**
   * Whether the line belongs to the block of diagnostics. Values of several lines may lie further left than the block
   * (vitest); only what TAP says ends one that lacks its own end.
   */
  #takeYaml(line: string, indent: number): boolean {
    const content = line.trimStart();
    const left = content !== '' && line.length - content.length < indent;
    if (left && STATEMENTS.has(parseTapLine(content).type)) {
      this.#yaml = undefined;
      return false;
    }
    if (!left && line.slice(indent).trimEnd() === '...') this.#yaml = undefined;
    else this.#tree.yaml(left ? line : line.slice(indent));
    return true;
  }

  #content(content: string, indent: number, ended: boolean): void {
    const { depth, hasPoint } = this.#tree;
    const deeper = indent - INDENT * depth;
    if (hasPoint && content.startsWith('---') && (deeper === 2 || deeper === INDENT)) {
      this.#yaml = indent;
      return;
    }
    const level = indent / INDENT;
    const line: TapLine =
      Number.isInteger(level) && level <= depth + 1 ? parseTapLine(content) : { type: 'other' };
    if (line.type === 'other' || line.type === 'comment') {
      this.#tree.comment(line.type === 'comment' ? line.text : content);
      return;
    }
    // A producer ends its lines; half a line may lack its `# TODO` or its brace.
    if (!ended) this.#tree.cutOff();
    if (line.type === 'close') this.#tree.closeBrace(level);
    else this.#tree.take(line, level);
  }
}
