/**
 * A program whose outputs go to files in the guest, which are read while they grow: an agent keeps little of an output, and tells
 * nothing of it before the end.
 */
import { VmtestError } from '../../host/errors.ts';
import type { AgentLink, ConnectOptions, GuestExit, GuestIo } from '../channel.ts';
import { Tail } from '../transport.ts';
import { GrowingFile } from './growing-file.ts';
import { notKept } from './not-kept.ts';
import { exitOf, startWatched } from './program.ts';

/** For the last output of a command that took too long, which is ended only then. Milliseconds. */
const LAST_LOOK_MS = 1_500;

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
  try {
    for (;;) {
      const state = await watch.look(signal);
      if (!state.exited && watch.isYoung) continue;
      if (state.exited && state.stderr.length > 0) throw notKept(state.stderr.toString());
      yield* newsOf(outputs, state.exited, signal);
      if (state.exited) return exitOf(state, os);
    }
  } catch (error) {
    if (tookTooLong(signal)) yield* lastNewsOf(outputs);
    throw error;
  }
}

async function* newsOf(
  outputs: readonly OutputFile[],
  programEnded: boolean,
  signal: AbortSignal,
): AsyncGenerator<Piece, void> {
  for (const { stream, file } of outputs) {
    for await (const chunk of file.news(programEnded, signal)) yield { stream, chunk };
  }
}

/** What was printed since the last look: it tells most of why a command went on for so long. */
async function* lastNewsOf(outputs: readonly OutputFile[]): AsyncGenerator<Piece, void> {
  try {
    yield* newsOf(outputs, false, AbortSignal.timeout(LAST_LOOK_MS));
  } catch {
    // A guest that does not answer has its own error.
  }
}

/** A limit was reached, of time or of silence. Who wants to be rid of a command waits for nothing more. */
function tookTooLong({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof VmtestError && ['TIMEOUT', 'SILENT'].includes(reason.code);
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
