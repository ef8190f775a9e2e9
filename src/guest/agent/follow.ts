/**
 * A program whose outputs go to files in the guest, which are read while they grow: an agent keeps little of an output, and tells
 * nothing of it before the end.
 */
import { toVmtestError } from '../../host/errors.ts';
import type { AgentLink, AgentPoll, ConnectOptions, GuestExit, GuestIo } from '../channel.ts';
import { tookTooLong } from '../limit.ts';
import { Tail } from '../transport.ts';
import { GrowingFile } from './growing-file.ts';
import { notKept } from './not-kept.ts';
import { exitOf, type ProgramWatch, startWatched } from './program.ts';

/** For the last output of a command that took too long, which is ended only then. Milliseconds. */
const LAST_LOOK_MS = 1_500;
/** A guest that is asked as often as usual is heard sooner, also under emulation. Milliseconds. */
const DEAF_MS = 2_000;

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
  let heard = performance.now();
  try {
    for (;;) {
      const state = await watch.look(signal);
      const exit = state.exited || !watch.isYoung ? yield* tellState(state, outputs, os, signal) : undefined;
      if (exit) return exit;
      heard = performance.now();
    }
  } catch (error) {
    if (!tookTooLong(signal)) throw error;
    const deaf = performance.now() - heard;
    const before = bytesRead(outputs);
    const exit = yield* lastLook(watch, outputs, os);
    if (exit) return exit;
    const { code, message } = toVmtestError(signal.reason);
    // Its silence was that of the way into the guest.
    if (code !== 'SILENT' || deaf < DEAF_MS || bytesRead(outputs) === before) throw error;
    const seconds = (deaf / 1000).toFixed(1);
    return { unheard: `${message}; but it had, and for ${seconds} s nobody had told of that` };
  }
}

/** Its news, and its end when it has one. */
async function* tellState(
  state: AgentPoll,
  outputs: readonly OutputFile[],
  os: ConnectOptions['os'],
  signal: AbortSignal,
): AsyncGenerator<Piece, GuestExit | undefined> {
  if (state.exited && state.stderr.length > 0) throw notKept(state.stderr.toString());
  yield* newsOf(outputs, state.exited, signal);
  return state.exited ? exitOf(state, os) : undefined;
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

/** What was printed since the last look tells most of why a command went on for so long; or it has ended, and the answer got stuck. */
async function* lastLook(
  watch: ProgramWatch,
  outputs: readonly OutputFile[],
  os: ConnectOptions['os'],
): AsyncGenerator<Piece, GuestExit | undefined> {
  const signal = AbortSignal.timeout(LAST_LOOK_MS);
  try {
    const state = await watch.look(signal).catch(() => ({ exited: false }) as const);
    return yield* tellState(state, outputs, os, signal);
  } catch {
    // A guest that does not answer has its own error.
    return undefined;
  }
}

function bytesRead(outputs: readonly OutputFile[]): number {
  return outputs.reduce((sum, { file }) => sum + file.bytesRead, 0);
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
