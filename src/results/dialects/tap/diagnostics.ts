/**
 * The block of YAML below a test point. Producers write what merely looks like YAML, and a million points may have one:
 * the block is kept as it is for people, and only a few plain values are looked up in it, line by line.
 */
import type { FailureParts } from '../failure.ts';

export interface Diagnostics extends Omit<FailureParts, 'details'> {
  file?: string;
  line?: number;
}

/** Milliseconds: `duration_ms: 1.5`. Undefined when there is none. */
export function durationIn(block: string): number | undefined {
  const found = /^\s*duration_ms:\s?['"]?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)/im.exec(block);
  return found ? Number(found[1]) : undefined;
}

/** What a failure is known by, from the keys of node:test, vitest, tap and TAP's own examples. */
export function readDiagnostics(block: string): Diagnostics {
  const values = valuesIn(block);
  const pick = (...keys: string[]): string | undefined =>
    keys.map((key) => values.get(key)).find((value) => value !== undefined && value !== '');
  const message = pick('error', 'message', 'error.message');
  const type = pick('error.name', 'name', 'code', 'failureType');
  const place = /^(.+?):(\d{1,9})(?::\d+)?$/.exec(pick('location', 'at') ?? '');
  const file = place?.[1] ?? pick('at.file', 'at.fileName', 'file');
  const line = Number(place?.[2] ?? pick('at.line', 'at.lineNumber', 'line'));
  return {
    ...(message === undefined ? {} : { message }),
    ...(type === undefined ? {} : { type }),
    ...(file === undefined ? {} : { file }),
    ...(Number.isInteger(line) && line > 0 ? { line } : {}),
  };
}

/** Values by key, `outer.inner` for one level of maps. */
function valuesIn(block: string): Map<string, string> {
  const lines = block.split('\n');
  const values = new Map<string, string>();
  let outer = '';
  let outerIndent = 0;
  for (let at = 0; at < lines.length; at++) {
    const entry = /^(\s*)([A-Za-z_]\w*):(?:\s(.*))?$/.exec(lines[at] ?? '');
    if (!entry) continue;
    const indent = entry[1]?.length ?? 0;
    if (indent <= outerIndent) outer = '';
    const key = outer === '' ? (entry[2] ?? '') : `${outer}.${entry[2]}`;
    const value = entry[3]?.trim() ?? '';
    if (/^[|>][+-]?\d?$/.test(value)) {
      const text = indented(lines, at + 1, indent);
      values.set(key, text.join('\n'));
      at += text.length;
    } else if (value === '' && outer === '') {
      outer = key;
      outerIndent = indent;
    } else if (!values.has(key)) {
      values.set(key, unquoted(value));
    }
  }
  return values;
}

/** The lines of a block scalar: those that are indented more than their key. */
function indented(lines: readonly string[], start: number, indent: number): string[] {
  const found: string[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const depth = line.trim() === '' ? Number.POSITIVE_INFINITY : line.length - line.trimStart().length;
    if (depth <= indent) break;
    least = Math.min(least, depth);
    found.push(line);
  }
  return found.map((line) => line.slice(least));
}

function unquoted(value: string): string {
  if (value.length < 2) return value;
  if (value.startsWith("'") && value.endsWith("'")) return value.slice(1, -1).replaceAll("''", "'");
  if (!value.startsWith('"') || !value.endsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(["\\/nt])/g, (_, char: string) => ESCAPES[char] ?? char);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };
