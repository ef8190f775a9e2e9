/** What a command of the stand-in is given, and may answer with. */

export interface Io {
  /** A line on stdout. */
  out(line: string): void;
  /** Bytes of a guest's program, as they are. */
  raw(stream: 'stdout' | 'stderr', data: Buffer): void;
  /** A line on stderr, which is no failure by itself. */
  err(line: string): void;
}

/** Answers the exit code; none is success. @throws Failure */
export type Command = (args: string[], io: Io) => Promise<number | undefined>;

/** Of every operation that takes time. */
export const PROGRESS = '0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%';
