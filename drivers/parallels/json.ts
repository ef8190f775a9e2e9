/** The JSON of Parallels' programs, which may come with warnings around it and raw control characters inside. */
import { VmtestError } from '../../src/host/errors.ts';

/** Beginnings that are tried: a warning may hold brackets too. */
const MOST_BEGINNINGS = 50;

/** Undefined for an output that is empty: so does `snapshot-list` say that there is none. */
export function parseJson(output: string, command: string): unknown {
  if (output.trim() === '') return undefined;
  const end = Math.max(output.lastIndexOf(']'), output.lastIndexOf('}')) + 1;
  for (const begin of [0, ...beginnings(output)]) {
    const value = tryParse(output.slice(begin, begin === 0 ? undefined : end));
    if (typeof value === 'object' && value !== null) return value;
  }
  throw oddOutput(command, output);
}

export function oddOutput(command: string, output: string): VmtestError {
  return new VmtestError('PARALLELS_OUTPUT', `the answer of ${command} is not the JSON that it should be`, {
    hint: 'vmtest needs a Parallels Desktop whose commands know --json. Please report this, with what the command printed.',
    details: output.slice(0, 4096),
  });
}

function beginnings(output: string): number[] {
  return [...output.matchAll(/[[{]/g)].slice(0, MOST_BEGINNINGS).map(({ index }) => index);
}

function tryParse(text: string): unknown {
  for (const candidate of [text, text.replaceAll(/[\u0000-\u001f]/g, '')]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next may do.
    }
  }
  return undefined;
}
