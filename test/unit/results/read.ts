/** Helpers for tests of result readers. */
import type { ReadLimits } from '../../../src/results/limits.ts';
import type { TestCase } from '../../../src/results/model.ts';
import type { ParsedResults } from '../../../src/results/parsed-results.ts';
import { readResults } from '../../../src/results/read-results.ts';

/** Reads a text as a file of these bytes, in chunks of this size. */
export function read(
  content: string | Uint8Array,
  options: { chunk?: number; limits?: Partial<ReadLimits> } = {},
): Promise<ParsedResults> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return readResults(chunks(bytes, options.chunk ?? 64 * 1024), { limits: options.limits ?? {} });
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
