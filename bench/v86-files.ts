/**
 * What the console channel carries in and out of a guest of the embedded engine, with the folder that the guest shares
 * with this host and without: `npx tsx bench/v86-files.ts GUEST-FOLDER [MIB]`, after a build. The content does not
 * compress.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create } from 'tar';
import type { BaseTarget } from '../matrix/model.ts';
import { connect } from '../src/guest/connect.ts';
import type { Lease } from '../src/host/host.ts';

// The built driver: its machines are started as people start them, without anything that reads TypeScript.
const built = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { v86Driver } = (await built('drivers/v86/driver.js')) as typeof import('../drivers/v86/driver.ts');
const { createHost } = (await built(
  'src/host/create-host.js',
)) as typeof import('../src/host/create-host.ts');

const MIB = 1024 ** 2;
const ROUNDS = 3;
const SMALL_COMMANDS = 20;

const [guest, size = '4'] = process.argv.slice(2);
if (guest === undefined) throw new Error('which guest? Give its folder.');
const bytes = Number(size) * MIB;
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const host = createHost({ paths: { state: join(folder, 'state'), cache: join(folder, 'cache') } });
const signal = AbortSignal.timeout(1_200_000);
const target = {
  name: 'bench',
  engines: ['v86'],
  snapshot: 'none',
  os: 'linux',
  cpus: 1,
  memory: 128 * MIB,
  timeouts: {},
  guest: { user: 'root', sshAgent: false, channel: 'console', port: 22, hostKey: 'pin' },
  options: { kernel: join(guest, 'vmlinuz'), initrd: join(guest, 'initrd'), append: 'console=ttyS0 quiet' },
} satisfies BaseTarget;

try {
  await writeFile(join(folder, 'noise'), randomBytes(bytes));
  for (const way of ['shared folder', 'line'] as const) await withLease((lease) => measureWay(way, lease));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureWay(way: 'shared folder' | 'line', lease: Lease): Promise<void> {
  const machine = await v86Driver.open(target, { host, lease, signal, logs: join(folder, way) });
  try {
    await machine.start(signal);
    const access = await machine.access('console', signal);
    if (access.kind !== 'console' || !access.share) throw new Error('the machine shares no folder');
    const { stream, share } = access;
    const channel = await connect(
      { kind: 'console', stream, ...(way === 'line' ? {} : { share }) },
      { credentials: { user: 'root' }, os: 'linux' },
      signal,
    );
    for (let round = 1; round <= ROUNDS; round += 1) {
      const tar = Readable.from(create({ cwd: folder, portable: true }, ['noise']), { objectMode: false });
      const upload = await timed(() => channel.upload(tar, 'in', signal));
      const download = await timed(async () => drain(await channel.download('in', ['noise'], signal)));
      console.log(`${way}, round ${round}: in ${speed(upload)}, out ${speed(download)}`);
    }
    const io = { onStdout: () => {}, onStderr: () => {} };
    const command = { script: 'echo hello', shell: 'sh', cwd: '.', env: {} };
    const commands = await timed(async () => {
      for (let done = 0; done < SMALL_COMMANDS; done += 1) await channel.exec(command, io, signal);
    });
    console.log(`${way}: command ${(commands / SMALL_COMMANDS).toFixed(0)} ms`);
    await channel.close(false);
  } finally {
    await machine.release();
  }
}

async function drain(stream: Readable): Promise<void> {
  for await (const chunk of stream) void chunk;
}

async function withLease(work: (lease: Lease) => Promise<void>): Promise<void> {
  const lease = await host.leases.begin({ run: 'bench', engine: 'v86', target: target.name });
  try {
    await work(lease);
  } finally {
    await lease.end();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function speed(ms: number): string {
  return `${(bytes / 1024 / (ms / 1000)).toFixed(0)} KiB/s`;
}
