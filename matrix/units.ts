/** Amounts with units, as people write them: bytes (`512M`, `1.5G`) and time spans (`90s`, `1h30m`). */

const BYTES = /^(\d{1,12}(?:\.\d{1,6})?)([KMGT])(?:iB)?$/;
const BYTE_UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

const SPAN = /^(?:\d{1,12}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/;
const SPAN_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const SPAN_UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** A timer of Node can wait 2^31 - 1 ms; anything longer would fire at once. */
const LONGEST_SPAN = 24 * SPAN_UNITS.d;

export const BYTE_FORMS = '`512M`, `2G` or `1.5G`';
export const SPAN_FORMS = '`500ms`, `90s`, `15m` or `1h30m`';

/** Bytes of `512M` and the like (powers of 1024); undefined when the text is not such an amount, or zero. */
export function parseBytes(text: string): number | undefined {
  const [, amount, unit] = BYTES.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const bytes = Math.round(Number(amount) * BYTE_UNITS[unit as keyof typeof BYTE_UNITS]);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Milliseconds of `90s` and the like; undefined when the text is not a time span, zero, or beyond 24 days. */
export function parseTimeSpan(text: string): number | undefined {
  if (!SPAN.test(text)) return undefined;
  const units: string[] = [];
  let total = 0;
  for (const [, amount, unit] of text.matchAll(SPAN_PART)) {
    units.push(unit as string);
    total += Number(amount) * SPAN_UNITS[unit as keyof typeof SPAN_UNITS];
  }
  const span = Math.round(total);
  return inOrder(units) && span > 0 && span <= LONGEST_SPAN ? span : undefined;
}

/** `1h30m`, not `30m1h` and not `1m1m`. */
function inOrder(units: string[]): boolean {
  const sizes = units.map((unit) => SPAN_UNITS[unit as keyof typeof SPAN_UNITS]);
  return sizes.every((size, index) => index === 0 || size < (sizes[index - 1] as number));
}

/** Milliseconds of `100ms..2s`, or twice the same for a single time span. */
export function parseTimeSpanRange(text: string): [from: number, to: number] | undefined {
  const spans = text.split('..').map(parseTimeSpan);
  const [from, to] = spans.length === 1 ? [spans[0], spans[0]] : spans;
  if (spans.length > 2 || from === undefined || to === undefined || from > to) return undefined;
  return [from, to];
}

/** The shortest exact form that `parseBytes` reads back; bytes that are no multiple of 1 K are rounded to it. */
export function formatBytes(bytes: number): string {
  for (const unit of ['T', 'G', 'M'] as const) {
    const amount = bytes / BYTE_UNITS[unit];
    if (amount >= 1 && Number.isInteger(amount * 4)) return `${amount}${unit}`;
  }
  return `${Math.max(1, Math.round(bytes / BYTE_UNITS.K))}K`;
}

/** `90000` as `1m30s`; the form that `parseTimeSpan` reads back. */
export function formatTimeSpan(ms: number): string {
  let rest = Math.max(1, Math.round(ms));
  let text = '';
  for (const [unit, size] of Object.entries(SPAN_UNITS)) {
    const amount = Math.floor(rest / size);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text;
}

/** The nearest right spelling of an amount with another tool's unit: `512mb` → `512M`, `5 min` → `5m`. */
export function respellAmount(text: string, kind: 'bytes' | 'time-span'): string | undefined {
  const [, amount = '', word = ''] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$/.exec(text) ?? [];
  const unit = kind === 'bytes' ? byteUnit(word) : timeUnit(word);
  const spelling = `${amount}${unit}`;
  const parse = kind === 'bytes' ? parseBytes : parseTimeSpan;
  return unit !== undefined && parse(spelling) !== undefined ? spelling : undefined;
}

function byteUnit(word: string): string | undefined {
  return /^[kmgt](?:i?b)?$/i.test(word) ? word.charAt(0).toUpperCase() : undefined;
}

function timeUnit(word: string): string | undefined {
  const units: [RegExp, string][] = [
    [/^(?:ms|msecs?|milli(?:s|seconds?)?)$/i, 'ms'],
    [/^(?:s|secs?|seconds?)$/i, 's'],
    [/^(?:m|mins?|minutes?)$/i, 'm'],
    [/^(?:h|hrs?|hours?)$/i, 'h'],
    [/^(?:d|days?)$/i, 'd'],
  ];
  return units.find(([pattern]) => pattern.test(word))?.[1];
}
