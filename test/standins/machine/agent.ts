/**
 * The guest agent of a backing, over a connection a call: QEMU serves one at a time, and a program that runs for long in
 * the guest must not keep other commands of a stand-in from it.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createQgaLink } from '../../../src/guest/agent/qga.ts';
import { QgaConnection } from '../../../src/guest/agent/qga-connection.ts';
import type { AgentLink } from '../../../src/guest/channel.ts';
import { type Backing, filesOf } from './files.ts';

const SYNC_MS = 2_000;
const CALL_MS = 60_000;
/** For the end of a program: its guest, emulated on a busy host, may be out of breath. */
const BUSY_MS = 30_000;
/** Longer than a look takes, so that a busy guest is left in peace. */
const POLL_MS = 100;
const PIECE = 1024 * 1024;

export interface ExecOptions {
  /** `NAME=value`; replaces the agent's own environment. */
  env?: string[];
  input?: Buffer;
}

export interface Executed {
  /** That of a program which a signal ended is 128 + its number, as a shell has it. */
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

/**
 * @param patience milliseconds that the agent has for saying that it is there. Default: 2 s.
 * @throws VmtestError `GUEST_AGENT_LOST` when it does not.
 */
export async function guestAgent<T>(
  backing: Backing,
  command: string,
  args?: object,
  patience = SYNC_MS,
): Promise<T> {
  const connection = new QgaConnection(await connected(backing));
  const signal = new AbortController().signal;
  try {
    await connection.sync({ signal, deadline: patience });
    return (await connection.call(command, args, { signal, deadline: CALL_MS })) as T;
  } finally {
    connection.close();
  }
}

/** Runs a program in the guest to its end; the first word is a path or is found in the agent's PATH. */
export async function guestExec(
  backing: Backing,
  [path, ...arg]: string[],
  { env, input }: ExecOptions = {},
): Promise<Executed> {
  const { pid } = await guestAgent<{ pid: number }>(backing, 'guest-exec', {
    path,
    arg,
    'capture-output': true,
    ...(env ? { env } : {}),
    ...(input ? { 'input-data': input.toString('base64') } : {}),
  });
  for (;;) {
    const status = await guestAgent<ExecStatus>(backing, 'guest-exec-status', { pid }, BUSY_MS);
    if (status.exited) {
      return {
        exitCode: status.exitcode ?? 128 + (status.signal ?? 0),
        stdout: Buffer.from(status['out-data'] ?? '', 'base64'),
        stderr: Buffer.from(status['err-data'] ?? '', 'base64'),
      };
    }
    await delay(POLL_MS);
  }
}

interface ExecStatus {
  exited: boolean;
  exitcode?: number;
  signal?: number;
  'out-data'?: string;
  'err-data'?: string;
}

export function readGuestFile(backing: Backing, path: string): Promise<Buffer> {
  return linked(backing, async (link, signal) => {
    const pieces: Buffer[] = [];
    for (let offset = 0; ; ) {
      const piece = await link.read(path, offset, PIECE, signal);
      pieces.push(piece);
      offset += piece.length;
      if (piece.length < PIECE) return Buffer.concat(pieces);
    }
  });
}

export function writeGuestFile(backing: Backing, path: string, data: Buffer): Promise<void> {
  return linked(backing, (link, signal) => link.write(path, data, { append: false }, signal));
}

async function linked<T>(
  backing: Backing,
  work: (link: AgentLink, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const link = createQgaLink(await connected(backing));
  const signal = AbortSignal.timeout(CALL_MS);
  try {
    await link.ping(signal);
    return await work(link, signal);
  } finally {
    await link.close();
  }
}

/** QEMU lets one wait for its socket; to whoever comes then, Linux says EAGAIN. Any other refusal is left to who will use it. */
async function connected(backing: Backing): Promise<Socket> {
  const path = filesOf(backing).qga;
  for (const end = performance.now() + CALL_MS; performance.now() < end; await delay(POLL_MS)) {
    const socket = connect(path);
    const refusal = await new Promise<string | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    if (refusal === undefined) return socket;
    if (refusal !== 'EAGAIN') break;
  }
  return connect(path);
}
