/** What `pollScript` answers. */

export type PollAnswer =
  | { state: 'run' }
  | { state: 'gone' }
  | { state: 'ended'; end: { exitCode: number } | { signal: number }; pieces: (Piece | undefined)[] };

export interface Piece {
  /** Bytes that the file has in the guest. */
  size: number;
  data: Buffer;
}

export function parsePoll(text: string): PollAnswer {
  const [first = '', ...rest] = text.split('\n');
  const [word, status] = first.split(' ');
  if (word !== 'x') return word === 'run' ? { state: 'run' } : { state: 'gone' };
  return { state: 'ended', end: endOf(Number(status)), pieces: piecesIn(rest.join('\n')) };
}

export function isCut(piece: Piece | undefined): boolean {
  return piece !== undefined && piece.data.length < piece.size;
}

/** @param status as `wait` has it. */
function endOf(status: number): { exitCode: number } | { signal: number } {
  const signal = status & 0x7f;
  return signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal };
}

/** Undefined for a file that is not there. */
function piecesIn(text: string): (Piece | undefined)[] {
  const parts = text.split(/^\.$/m).slice(0, -1);
  return parts.map((part) => {
    const [size = '', ...data] = part.trim().split('\n');
    return size === 'none' ? undefined : { size: Number(size), data: Buffer.from(data.join(''), 'base64') };
  });
}
