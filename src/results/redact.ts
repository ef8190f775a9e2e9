/** Masks secrets in text, wherever it comes from, before anybody sees or stores it. */
import { exactFinder, type Finder, looseFinder } from './finders.ts';
import { MultiMatch } from './multi-match.ts';
import { SHORTEST, secretWords } from './secret-words.ts';

export const MASK = '***';

export interface Redactor {
  /** A whole text. */
  redact(text: string): string;
  /** A text that comes in pieces: a secret cut in two by them is found. */
  stream(): RedactStream;
  /** The same for bytes, which may be in any encoding: all but the secrets stays. Undefined when there are none. */
  bytes(): ByteRedactStream | undefined;
  /** What a person should know: secrets that cannot be masked (their values are not told). */
  readonly notes: readonly string[];
}

/** What may be the beginning of a secret is held back until it is known; never more than the longest secret. */
export interface RedactStream {
  write(piece: string): string;
  end(): string;
}

/** Gives out no more bytes than it took: a mask is no longer than the shortest secret. */
export interface ByteRedactStream {
  write(piece: Buffer): Buffer;
  end(): Buffer;
}

/**
 * @param secrets Masked as they are, URL-encoded, and in base64, as part of whatever was encoded; also torn by blanks and line
 * breaks, unless in their first characters. A secret of several lines is masked line by line. Overlapping secrets are masked as one.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const words = secretWords(secrets);
  const short = secrets.filter((secret) => secret !== '' && secret.trim().length < SHORTEST).length;
  const notes =
    short === 0
      ? []
      : [
          `${short === 1 ? 'a secret is' : `${short} secrets are`} shorter than ${SHORTEST} characters and not masked`,
        ];
  if (words.exact.size === 0) {
    return { redact: (text) => text, stream: () => UNCHANGED, bytes: () => undefined, notes };
  }
  const finders = findersOf(words.exact, words.loose);
  const stream = (): RedactStream => new MaskingStream(finders());
  const redact = (text: string): string => {
    const whole = stream();
    return whole.write(text) + whole.end();
  };
  const bytes = (): ByteRedactStream => {
    // A character for each byte, so that text of any encoding comes out as it went in.
    const asBytes = (texts: Iterable<string>) =>
      [...texts].map((word) => Buffer.from(word).toString('latin1'));
    const masked = new MaskingStream(findersOf(asBytes(words.exact), asBytes(words.loose))());
    return {
      write: (piece) => Buffer.from(masked.write(piece.toString('latin1')), 'latin1'),
      end: () => Buffer.from(masked.end(), 'latin1'),
    };
  };
  return { redact, stream, bytes, notes };
}

interface Finders {
  exact: Finder;
  loose: Finder;
}

/** New ones for each text. */
function findersOf(exact: Iterable<string>, loose: Iterable<string>): () => Finders {
  const [asTheyAre, torn] = [new MultiMatch(exact), new MultiMatch(loose)];
  return () => ({ exact: exactFinder(asTheyAre), loose: looseFinder(torn) });
}

/** The same value with every string in it masked; keys stay. For results and errors, which are plain data. */
export function redactValue<T>(value: T, { redact }: Pick<Redactor, 'redact'>): T {
  const mask = (inner: unknown): unknown => {
    if (typeof inner === 'string') return redact(inner);
    if (Array.isArray(inner)) return inner.map(mask);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, mask(item)]));
  };
  return mask(value) as T;
}

const UNCHANGED: RedactStream = { write: (piece) => piece, end: () => '' };

class MaskingStream implements RedactStream {
  readonly #exact: Finder;
  readonly #loose: Finder;
  /** Text not given out yet, because it may belong to a secret. */
  #held = '';
  /** So many characters at the start of `#held` belong to a mask that was given out. */
  #masked = 0;
  /** Secrets found within `#held`: start and end, in order, merged where they overlap. */
  #found: { start: number; end: number }[] = [];

  constructor({ exact, loose }: Finders) {
    this.#exact = exact;
    this.#loose = loose;
  }

  write(piece: string): string {
    const text = this.#held + piece;
    for (let i = this.#held.length; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      const start = this.#exact.step(unit, i);
      if (start !== undefined) this.#find(start, i + 1);
      const looseStart = this.#loose.step(unit, i);
      if (looseStart !== undefined) this.#find(looseStart, i + 1);
    }
    const safe = Math.min(this.#exact.open(text.length), this.#loose.open(text.length));
    this.#exact.moved(safe);
    this.#loose.moved(safe);
    return this.#giveOut(text, safe);
  }

  /** Nothing may be written any more. */
  end(): string {
    return this.#giveOut(this.#held, this.#held.length);
  }

  #find(start: number, end: number): void {
    let first = start;
    for (let last = this.#found.at(-1); last && last.end > first; last = this.#found.at(-1)) {
      first = Math.min(first, last.start);
      this.#found.pop();
    }
    this.#found.push({ start: first, end });
  }

  /** Everything before `safe` is decided: no secret found later can begin there. */
  #giveOut(text: string, safe: number): string {
    let out = '';
    let done = this.#masked;
    const later: { start: number; end: number }[] = [];
    for (const { start, end } of this.#found) {
      if (start >= safe) {
        later.push({ start: start - safe, end: end - safe });
        continue;
      }
      if (start >= done) out += text.slice(done, start) + MASK;
      done = Math.max(done, end);
    }
    out += text.slice(done, safe);
    this.#held = text.slice(safe);
    this.#masked = Math.max(done - safe, 0);
    this.#found = later;
    return out;
  }
}
