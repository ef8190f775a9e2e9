/** Where words end in a text that comes unit by unit. */
import type { MultiMatch } from './multi-match.ts';

export interface Finder {
  /** @returns where the longest word begins that ends with the unit at `at`. */
  step(unit: number, at: number): number | undefined;
  /** Where the earliest word begins that may go on behind `end`; `end` when none may. */
  open(end: number): number;
  /** The text begins so many units later from now on. Never beyond what is open. */
  moved(by: number): void;
}

/** Words as they are. */
export function exactFinder(words: MultiMatch): Finder {
  let state = 0;
  return {
    step: (unit, at) => {
      state = words.step(state, unit);
      const length = words.longest(state);
      return length > 0 ? at + 1 - length : undefined;
    },
    open: (end) => end - words.depth(state),
    moved: () => {},
  };
}

/**
 * A break counts as nothing only behind so many units of a word: else each line that happens to end like one begins would be held
 * back. Encoders break base64 between groups of four.
 */
const LEAST_BEFORE_BREAK = 4;

/** Words without blanks, that may have breaks and blanks in them in the text. */
export function looseFinder(words: MultiMatch): Finder {
  let state = 0;
  /** Of the last units that were no breaks, as many as a word has: a ring. */
  const places = new Float64Array(words.deepest + 1);
  let seen = 0;
  /** Of the text's beginning, in units since the first text. */
  let base = 0;
  const place = (back: number) => (places[(seen - back) % places.length] ?? 0) - base;

  return {
    step: (unit, at) => {
      if (state === 0) {
        state = words.step(0, unit);
        if (state === 0) return undefined;
      } else if (isBreak(unit)) {
        state = words.unfinished(state);
        if (words.depth(state) < LEAST_BEFORE_BREAK) state = 0;
        return undefined;
      } else state = words.step(state, unit);
      places[seen % places.length] = base + at;
      seen += 1;
      const length = words.longest(state);
      return length > 0 ? place(length) : undefined;
    },
    open: (end) => (state === 0 ? end : place(words.depth(state))),
    moved: (by) => {
      base += by;
    },
  };
}

function isBreak(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
