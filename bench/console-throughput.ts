/**
 * What the console channel carries, in and out, on the tiny guest in QEMU, beside the agent of the same guest:
 * `npx tsx bench/console-throughput.ts GUEST-FOLDER [MIB]`. The content does not compress, but for the last line's.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create } from 'tar';
import { connectWhenThere } from '../drivers/qemu/unix-socket.ts';
import { createQgaLink } from '../src/guest/agent/qga.ts';
import type { Access, GuestChannel } from '../src/guest/channel.ts';
import { connect } from '../src/guest/connect.ts';

const MIB = 1024 ** 2;
const SMALL_COMMANDS = 20;

const [guest, size = '2'] = process.argv.slice(2);
if (guest === undefined) throw new Error('which guest? Give its folder.');
const bytes = Number(size) * MIB;
const patience = AbortSignal.timeout(600_000);
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const qemu = startQemu(guest);
try {
  await writeFile(join(folder, 'noise'), randomBytes(bytes));
  for (const kind of ['console', 'agent'] as const) await measureWay(kind);
} finally {
  qemu.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

async function measureWay(kind: 'agent' | 'console'): Promise<void> {
  const began = performance.now();
  const channel = await connect(
    await accessOf(kind),
    { credentials: { user: 'root' }, os: 'linux' },
    patience,
  );
  const connected = performance.now() - began;
  const command =
    (await timed(() => repeat(SMALL_COMMANDS, () => print(channel, 'echo hello')))) / SMALL_COMMANDS;
  const tar = Readable.from(create({ cwd: folder, portable: true }, ['noise']), { objectMode: false });
  const upload = await timed(() => channel.upload(tar, 'in', patience));
  const output = await timed(() => print(channel, 'cat "$HOME/in/noise"'));
  const text = await timed(() => print(channel, `yes "ok 1 - a line of a test's output" | head -c ${bytes}`));
  await channel.close(false);
  console.log(
    `${kind}: ready after ${(connected / 1000).toFixed(1)} s, command ${command.toFixed(0)} ms, ` +
      `in ${speed(upload)}, out ${speed(output)}, out as text ${speed(text)}`,
  );
}

async function accessOf(kind: 'agent' | 'console'): Promise<Access> {
  const stream = await connectWhenThere(join(folder, kind), patience);
  return kind === 'agent' ? { kind, link: createQgaLink(stream) } : { kind, stream };
}

async function print(channel: GuestChannel, script: string): Promise<void> {
  const command = { script, shell: 'sh', cwd: '.', env: {} };
  const { exitCode } = await channel.exec(command, { onStdout: () => {}, onStderr: () => {} }, patience);
  if (exitCode !== 0) throw new Error(`${script}: ${exitCode}`);
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let round = 0; round < times; round += 1) await work();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function speed(ms: number): string {
  return `${(bytes / MIB / (ms / 1000)).toFixed(2)} MiB/s`;
}

function startQemu(from: string) {
  const socket = (id: string) => `socket,id=${id},path=${join(folder, id)},server=on,wait=off`;
  return spawn(
    'qemu-system-x86_64',
    [
      ...['-nodefaults', '-display', 'none', '-m', '256M', '-accel', 'tcg', '-cpu', 'max'],
      ...['-kernel', join(from, 'vmlinuz'), '-initrd', join(from, 'initrd')],
      ...['-append', 'console=ttyS0 quiet clearcpuid=cx16 tiny.sshd=0'],
      ...['-chardev', socket('console'), '-serial', 'chardev:console'],
      ...['-device', 'virtio-serial-pci', '-chardev', socket('agent')],
      ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}
