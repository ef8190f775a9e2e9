/**
 * A program whose outputs go to files in the guest, which are read while they grow: an agent keeps little of an output, and tells
 * nothing of it before the end.
 */
import type { AgentLink, ConnectOptions, GuestExit, GuestIo } from '../channel.ts';
import { Tail } from '../transport.ts';
import { GrowingFile } from './growing-file.ts';
import { notKept } from './not-kept.ts';
import { exitOf, startWatched } from './program.ts';

export interface Piece {
  stream: 'stdout' | 'stderr';
  chunk: Buffer;
}

export interface OutputFile {
  stream: Piece['stream'];
  path: string;
  file: GrowingFile;
}

export function outputFiles(link: AgentLink, out: string, err: string): OutputFile[] {
  return [
    { stream: 'stdout', path: out, file: new GrowingFile(link, out) },
    { stream: 'stderr', path: err, file: new GrowingFile(link, err) },
  ];
}

/** What the program itself prints is a complaint that it cannot write those files. */
export async function* followProgram(
  link: AgentLink,
  argv: readonly string[],
  outputs: readonly OutputFile[],
  input: Buffer | undefined,
  os: ConnectOptions['os'],
  signal: AbortSignal,
): AsyncGenerator<Piece, GuestExit> {
  const paths = outputs.map(({ path }) => path);
  const options = { capture: true, outputs: paths, ...(input ? { input } : {}) };
  const watch = await startWatched(link, argv, options, signal);
  for (;;) {
    const state = await watch.look(signal);
    if (!state.exited && watch.isYoung) continue;
    if (state.exited && state.stderr.length > 0) throw notKept(state.stderr.toString());
    for (const { stream, file } of outputs) {
      for await (const chunk of file.news(state.exited, signal)) yield { stream, chunk };
    }
    if (state.exited) return exitOf(state, os);
  }
}

/** Told as they come. */
export async function tellPieces(pieces: AsyncGenerator<Piece, GuestExit>, io: GuestIo): Promise<GuestExit> {
  for (;;) {
    const { done, value } = await pieces.next();
    if (done) return value;
    if (value.stream === 'stdout') io.onStdout(value.chunk);
    else io.onStderr(value.chunk);
  }
}

/** stdout alone. @param check told how it ended, with the end of stderr; what it throws, the reader gets. */
export async function* stdoutOf(
  pieces: AsyncGenerator<Piece, GuestExit>,
  check: (exit: GuestExit, stderr: string) => void,
): AsyncGenerator<Buffer, void> {
  const stderr = new Tail();
  try {
    for (;;) {
      const { done, value } = await pieces.next();
      if (done) return check(value, stderr.text);
      if (value.stream === 'stdout') yield value.chunk;
      else stderr.push(value.chunk);
    }
  } finally {
    // A reader who has had enough.
    await pieces.return({});
  }
}
