/**
 * What a machine of the embedded engine costs: time to the first answer on its console, cold and from a saved state, and
 * memory; one machine at a time, then eight at once. `npx tsx bench/v86.ts GUEST-FOLDER [MEMORY-MIB]`, after a build.
 *
 * Beside each other: the restore of the driver and that of the bare emulator (`v86-floor.mjs`), from the same state.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Machine } from '../drivers/driver.ts';
import type { BaseTarget } from '../matrix/model.ts';
import type { Lease } from '../src/host/host.ts';
import { measure, median } from './support.ts';

// The built driver: its machines are started as people start them, without anything that reads TypeScript.
const built = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { v86Driver } = (await built('drivers/v86/driver.js')) as typeof import('../drivers/v86/driver.ts');
const { createHost } = (await built(
  'src/host/create-host.js',
)) as typeof import('../src/host/create-host.ts');

const ROUNDS = 7;
const TOGETHER = 8;
const MIB = 1024 ** 2;

const [guest, memory = '128'] = process.argv.slice(2);
if (guest === undefined) throw new Error('which guest? Give its folder.');
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const host = createHost({ paths: { state: join(folder, 'state'), cache: join(folder, 'cache') } });
const signal = AbortSignal.timeout(600_000);
const target = {
  name: 'bench',
  engines: ['v86'],
  snapshot: 'clean',
  os: 'linux',
  cpus: 1,
  memory: Number(memory) * MIB,
  timeouts: {},
  guest: { user: 'root', sshAgent: false, channel: 'console', port: 22, hostKey: 'pin' },
  options: { kernel: join(guest, 'vmlinuz'), initrd: join(guest, 'initrd'), append: 'console=ttyS0 quiet' },
} satisfies BaseTarget;

try {
  const started = performance.now();
  let saving = 0;
  await withLease((lease) =>
    v86Driver.prepare(target, {
      ...{ host, signal, lease },
      progress: (message) => {
        if (message.startsWith('saving')) saving = performance.now();
      },
      settle: async (machine) => {
        await answer(machine);
        return {};
      },
    }),
  );
  print('cold boot to the first answer', saving - started, 'ms');
  print('saving the state', performance.now() - saving, 'ms');

  const floor: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floor.push(await bare());
    ours.push((await cell()).ms);
  }
  print('bare emulator: process start to the first answer', median(floor), 'ms');
  print('driver: open, start, first answer', median(ours), 'ms');
  print('ratio', median(ours) / median(floor), '');
  const { resident, peak } = await cell();
  print('memory of its process', resident / MIB, 'MiB');
  print('peak', peak / MIB, 'MiB');

  const before = performance.now();
  const together = await Promise.all(Array.from({ length: TOGETHER }, cell));
  print(`${TOGETHER} at once: all have answered`, performance.now() - before, 'ms');
  print('median of them', median(together.map(({ ms }) => ms)), 'ms');
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A machine from the saved state, until it has answered; and what its process takes then. */
async function cell(): Promise<{ ms: number; resident: number; peak: number }> {
  return withLease(async (lease) => {
    const started = performance.now();
    const machine = await v86Driver.open(target, { host, signal, lease, logs: join(folder, 'logs') });
    await machine.start(signal);
    await answer(machine);
    const ms = performance.now() - started;
    const { pid } = lease.record.facts['process'] as { pid: number };
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    await machine.release();
    const bytes = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
    return { ms, resident: bytes('VmRSS'), peak: bytes('VmHWM') };
  });
}

async function bare(): Promise<number> {
  const script = fileURLToPath(new URL('./v86-floor.mjs', import.meta.url));
  const states = join(folder, 'cache', 'v86');
  const [key = ''] = await readdir(states);
  const { wall, exitCode, stderr } = await measure([
    process.execPath,
    script,
    join(states, key, 'machine.bin'),
    memory,
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  return wall;
}

async function answer(machine: Machine): Promise<void> {
  const access = await machine.access('console', signal);
  if (access.kind !== 'console') throw new Error(access.kind);
  await answered(access.stream);
  access.stream.destroy();
}

/** Asks until the shell has done a sum: what is typed before there is a shell gets lost. */
function answered(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    const ask = () => stream.write('echo sum=$((40+2))\n');
    const again = setInterval(ask, 500);
    ask();
    stream.on('data', (data: Buffer) => {
      text = (text + data).slice(-256);
      if (!text.includes('sum=42')) return;
      clearInterval(again);
      resolve();
    });
  });
}

async function withLease<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = await host.leases.begin({ run: 'bench', engine: 'v86', target: 'bench' });
  try {
    return await work(lease);
  } finally {
    await lease.end();
  }
}

function print(what: string, value: number, unit: string): void {
  console.log(`${what}: ${value.toFixed(unit === '' ? 2 : 0)} ${unit}`.trim());
}
