/** Text in pieces of any size → its lines, none of them longer than a limit. */

export interface Line {
  /** Without its end; of a line that is too long, the beginning. */
  text: string;
  /** False when the line was too long. */
  whole: boolean;
  /** False for the last line of a text that does not end in a line end. */
  ended: boolean;
}

/** Answering false ends the reading. */
export type OnLine = (line: Line) => boolean;

/** @param maxLine Characters. What a longer line has more is never held. */
export async function forEachLine(
  text: AsyncIterable<string>,
  maxLine: number,
  onLine: OnLine,
): Promise<void> {
  let held: string[] = [];
  let length = 0;
  const take = (piece: string): void => {
    if (length < maxLine) held.push(piece.slice(0, maxLine - length));
    length += piece.length;
  };
  const give = (ended: boolean): boolean => {
    const line = held.length === 1 ? (held[0] ?? '') : held.join('');
    const whole = length <= maxLine;
    held = [];
    length = 0;
    return onLine({ text: line.endsWith('\r') ? line.slice(0, -1) : line, whole, ended });
  };
  for await (const piece of text) {
    let start = 0;
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', start)) {
      take(piece.slice(start, end));
      if (!give(true)) return;
      start = end + 1;
    }
    if (start < piece.length) take(piece.slice(start));
  }
  if (length > 0) give(false);
}
