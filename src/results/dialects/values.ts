/** Times, lines and counts, as sloppy as producers write them. */
import type { Problems } from '../problems.ts';

const ONE_YEAR = 365 * 24 * 3600;

/**
 * Seconds as text → milliseconds. Old Surefire groups thousands (`2,503.1`), PHPUnit writes `4.5e-05`, some write a
 * decimal comma; clocks that jump give negative values. Undefined when there is nothing that could be a number.
 */
export function parseSeconds(text: string | undefined, problems: Problems): number | undefined {
  if (!text?.trim()) return undefined;
  const seconds = Number(withoutCommas(text.trim()));
  if (Number.isNaN(seconds)) {
    problems.add('a time is not a number; it was left out');
    return undefined;
  }
  if (seconds < 0) problems.add('a time is negative; it was taken as 0');
  return Math.round(Math.min(Math.max(seconds, 0), ONE_YEAR) * 1_000_000) / 1000;
}

/** `hh:mm:ss.fffffff`, with `d.` in front from a day on (.NET) → milliseconds. */
export function parseClock(text: string | undefined): number | undefined {
  const parts = /^(?:(\d{1,3})\.)?(\d{1,2}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(text?.trim() ?? '');
  if (!parts) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000) / 1000;
}

/** Commas in groups of three separate thousands, but a leading `0,` and any other single comma is a decimal one. */
function withoutCommas(text: string): string {
  if (!text.includes(',')) return text;
  if (/^-?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)) return text.replaceAll(',', '');
  return /^-?\d+,\d+$/.test(text) ? text.replace(',', '.') : text;
}

/** Any date a producer may write → ISO 8601 in UTC. One without a zone is taken as UTC, as Jenkins does. */
export function parseTimestamp(text: string | undefined): string | undefined {
  const trimmed = text?.trim().slice(0, 64);
  if (!trimmed) return undefined;
  const zoneless = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(trimmed);
  const date = new Date(zoneless ? `${trimmed.replace(' ', 'T')}Z` : trimmed);
  const year = date.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? date.toISOString() : undefined;
}

/** A line number, from 1; older pytest counts from 0 and its 0 is nothing. */
export function parseLine(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** How many tests a suite claims to hold. */
export function parseCount(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

/** The last part of a path of any system: folders differ between guests, and names are identities. */
export function fileName(path: string | undefined): string | undefined {
  return path?.slice(-4096).split(/[/\\]/).at(-1);
}
