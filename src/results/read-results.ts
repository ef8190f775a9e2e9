/** Result files of any known dialect → suites. The dialect is told by content, never by the name of the file. */
import { openSource, type ResultSource } from './byte-source.ts';
import { decodeText } from './decode.ts';
import type { Dialect, DialectName, DialectResult } from './dialects/dialect.ts';
import { describeForeign } from './dialects/foreign.ts';
import { DIALECTS, detectDialect } from './dialects/registry.ts';
import { nothingUsed, type ReadLimits, type ReadUsage } from './limits.ts';
import { createReadContext, type ParsedResults, type ReadContext } from './parsed-results.ts';

const HEAD_CHARACTERS = 64 * 1024;

export interface ReadOptions {
  limits?: Partial<ReadLimits>;
  /** Shared between the files of one cell, so that the limits hold for all of them together. */
  usage?: ReadUsage;
  /** The dialect, whatever the content looks like. Default: told by the content. */
  format?: DialectName;
}

/**
 * Reads one result file. Never throws for what is in it or for a file that cannot be read: that is among the problems,
 * and the result is not complete. A file without tests is never silently fine.
 */
export async function readResults(source: ResultSource, options: ReadOptions = {}): Promise<ParsedResults> {
  const context = createReadContext(options.limits, options.usage);
  const file = openSource(source, context.limits.bytes, context.problems);
  const text = decodeText(file.bytes, context.problems);
  try {
    const head = await takeHead(text);
    const result =
      head.trim() === ''
        ? noText(context)
        : options.format === undefined
          ? await readDetected(head, text, context)
          : await readNamed(DIALECTS[options.format], chain(head, text), context);
    return {
      suites: result.suites,
      complete: result.complete && file.whole(),
      problems: context.problems.list(),
    };
  } finally {
    await text.return(undefined);
  }
}

/** Reads the files of one cell, in the order given. Problems begin with the name of their file. */
export async function readResultFiles(
  files: readonly { name: string; path: string; format?: DialectName }[],
  limits: Partial<ReadLimits> = {},
): Promise<ParsedResults> {
  const usage = nothingUsed();
  const all: ParsedResults = { suites: [], complete: true, problems: [] };
  for (const { name, path, format } of files) {
    const result = await readResults(path, { limits, usage, ...(format ? { format } : {}) });
    for (const suite of result.suites) all.suites.push(suite);
    for (const problem of result.problems) all.problems.push(`${name}: ${problem}`);
    all.complete &&= result.complete;
  }
  return all;
}

/** Reads far enough to tell the dialect. */
async function takeHead(text: AsyncGenerator<string>): Promise<string> {
  let head = '';
  while (head.length < HEAD_CHARACTERS) {
    const next = await text.next();
    if (next.done) break;
    head += next.value;
  }
  return head;
}

async function* chain(head: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

async function readDetected(
  head: string,
  rest: AsyncGenerator<string>,
  context: ReadContext,
): Promise<DialectResult> {
  const dialect = detectDialect(head);
  if (dialect) return readDialect(dialect, chain(head, rest), context);
  context.problems.add(describeForeign(head));
  return { suites: [], complete: false };
}

/** A file of another dialect than the one that was named may look like one without tests. */
async function readNamed(
  dialect: Dialect,
  text: AsyncGenerator<string>,
  context: ReadContext,
): Promise<DialectResult> {
  const result = await readDialect(dialect, text, context);
  return { ...result, complete: result.complete && hasTests(result) };
}

async function readDialect(
  dialect: Dialect,
  text: AsyncGenerator<string>,
  context: ReadContext,
): Promise<DialectResult> {
  const read = await dialect.load();
  const result = await read(text, context);
  if (result.complete && !hasTests(result))
    context.problems.add(`the file holds no tests (read as ${dialect.title})`);
  return result;
}

function hasTests({ suites }: DialectResult): boolean {
  return suites.some(({ cases }) => cases.length > 0);
}

function noText({ problems }: ReadContext): DialectResult {
  if (problems.list().length === 0) problems.add('the file is empty');
  return { suites: [], complete: false };
}
