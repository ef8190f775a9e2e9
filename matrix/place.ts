/** Offsets in the file's text as lines and columns, and paths into the document. */

/** Keys and indices from the root: `['targets', 'debian-12', 'memory']`. */
export type Path = readonly (string | number)[];

export interface Place {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
}

/** A function from offsets to places; the text is walked once. */
export function placer(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const line = lastNotAfter(starts, Math.min(Math.max(0, offset), text.length));
    return { line: line + 1, column: offset - (starts[line] as number) + 1 };
  };
}

function lastNotAfter(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] as number) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `targets.debian-12.guest.key`, `matrix.include[2].node`. */
export function showPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** A text that is equal for equal paths only. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** Is `path` at or below `root`? */
export function isWithin(path: Path, root: Path): boolean {
  return root.every((part, index) => path[index] === part);
}
