/** What a dialect of test results is to the rest: a name, a way to tell it by its content, and a reader. */
import type { ParsedResults, ReadContext } from '../parsed-results.ts';

/** As the matrix file spells them (`test.results`). */
export const DIALECT_NAMES = ['junit', 'tap', 'go-test', 'trx', 'nunit', 'xunit', 'ctrf'] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];

export interface Dialect {
  name: DialectName;
  /** For people. */
  title: string;
  /**
   * Where the first sign of this dialect stands in the head of a file, -1 for none. The dialect with the earliest sign
   * has it: a log that holds a report of another kind further down is no report of that kind.
   * @param head The first characters: at least 64 Ki, or all.
   */
  find(head: string): number;
  /** Loaded when first needed, for parsers are heavy. */
  load(): Promise<DialectReader>;
}

/** Decoded text in pieces of any size → suites. Never throws for what is in it: that is among the context's problems. */
export type DialectReader = (text: AsyncIterable<string>, context: ReadContext) => Promise<DialectResult>;
export type DialectResult = Pick<ParsedResults, 'suites' | 'complete'>;
