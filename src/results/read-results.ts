/** Result files of any known dialect → suites. The dialect is told by content, never by name. */
import { cutEnd } from './bounded-text.ts';
import { openSource, type ResultSource } from './byte-source.ts';
import { decodeText } from './decode.ts';
import { nothingUsed, type ReadLimits, type ReadUsage } from './limits.ts';
import {
  createReadContext,
  type DialectReader,
  type DialectResult,
  type ParsedResults,
  type ReadContext,
} from './parsed-results.ts';
import { firstLine } from './sanitize.ts';

interface Dialect {
  name: string;
  /** @param head The first characters of the file: at least 64 Ki, or all. */
  matches(head: string): boolean;
  /** Loaded when first needed, for parsers are heavy. */
  load(): Promise<DialectReader>;
}

/** In the order in which they are tried. A further dialect is a line here and a reader beside `read-junit.ts`. */
const DIALECTS: readonly Dialect[] = [
  {
    name: 'JUnit XML',
    matches: (head) => /<(?:testsuites?|testrun|testcase)[\s/>]/.test(head),
    load: async () => (await import('./read-junit.ts')).readJUnit,
  },
];

const HEAD_CHARACTERS = 64 * 1024;

export interface ReadOptions {
  limits?: Partial<ReadLimits>;
  /** Shared between the files of one cell, so that the limits hold for all of them together. */
  usage?: ReadUsage;
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
    const dialect = DIALECTS.find(({ matches }) => matches(head));
    const result = dialect ? await readDialect(dialect, chain(head, text), context) : foreign(head, context);
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
  files: readonly { name: string; path: string }[],
  limits: Partial<ReadLimits> = {},
): Promise<ParsedResults> {
  const usage = nothingUsed();
  const all: ParsedResults = { suites: [], complete: true, problems: [] };
  for (const { name, path } of files) {
    const result = await readResults(path, { limits, usage });
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

async function readDialect(
  dialect: Dialect,
  text: AsyncGenerator<string>,
  context: ReadContext,
): Promise<DialectResult> {
  const read = await dialect.load();
  const result = await read(text, context);
  const tests = result.suites.some(({ cases }) => cases.length > 0);
  if (result.complete && !tests) context.problems.add('the file holds no tests');
  return result;
}

function foreign(head: string, context: ReadContext): DialectResult {
  const known = DIALECTS.map(({ name }) => name).join(', ');
  if (head.trim() !== '') context.problems.add(`${describe(head)}; vmtest reads ${known}`);
  else if (context.problems.list().length === 0) context.problems.add('the file is empty');
  return { suites: [], complete: false };
}

/** What the file seems to be instead, for somebody whose glob caught too much. */
function describe(head: string): string {
  if (head.includes('\0')) return 'the file is binary';
  const text = head.trimStart();
  const root = /^(?:<[?!][^>]*>\s*)*<([\w:.-]+)/.exec(text)?.[1];
  if (root !== undefined) return `the file is not a test result: its first element is <${cutEnd(root, 60)}>`;
  if (/^[[{]/.test(text)) return 'the file is JSON, not a test result that is known';
  if (/^(?:TAP version |1\.\.\d|(?:not )?ok\b)/.test(text)) return 'the file is TAP, which is not read yet';
  return `the file is not a test result: it begins with ${JSON.stringify(cutEnd(firstLine(text), 60))}`;
}
