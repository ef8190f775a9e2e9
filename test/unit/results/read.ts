/** Helpers for tests of result readers. */
import type { TestCase } from '../../../src/results/model.ts';
import type { ParsedResults } from '../../../src/results/parsed-results.ts';
import { type ReadOptions, readResults } from '../../../src/results/read-results.ts';
import { judge } from '../../../src/results/verdict.ts';

/** Reads a text as a file of these bytes, in chunks of this size. */
export function read(
  content: string | Uint8Array,
  options: { chunk?: number } & ReadOptions = {},
): Promise<ParsedResults> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const { chunk = 64 * 1024, ...rest } = options;
  return readResults(chunks(bytes, chunk), rest);
}

export async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** `suite / class / name: status` of every case, in order. */
export function outline({ suites }: Pick<ParsedResults, 'suites'>): string[] {
  return suites.flatMap(({ name: suite, cases }) =>
    cases.map(({ classname = '-', name, status }) => `${suite} / ${classname} / ${name}: ${status}`),
  );
}

export function onlyCase({ suites }: ParsedResults): TestCase {
  const cases = suites.flatMap((suite) => suite.cases);
  const [first] = cases;
  if (!first || cases.length > 1) throw new Error(`${cases.length} cases instead of one`);
  return first;
}

/** What the run would make of it after exit code 0. */
export function wouldBe(parsed: ParsedResults): string {
  return judge({
    command: 'make test',
    end: { exitCode: 0 },
    results: { globs: ['*.xml'], files: 1, parsed },
  }).outcome;
}
