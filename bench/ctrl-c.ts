/**
 * How long from Ctrl-C to the end of the run, with so many QEMU machines at work: `npx tsx bench/ctrl-c.ts [ROUNDS]`. Beside
 * it: as many bare QEMU processes with the same memory, killed and waited for.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult } from '../src/results/model.ts';
import { tinyGuest } from '../test/support/guests.ts';
import { CLI, median } from './support.ts';

const MACHINES = [1, 4, 16];
const LOOK_MS = 20;
const rounds = Number(process.argv[2] ?? '5');
const folder = await mkdtemp(join(tmpdir(), 'vmb-'));
const events = join(folder, 'events.ndjson');
const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
try {
  await writeFile(join(folder, 'matrix.yml'), await matrix());
  for (const machines of MACHINES) {
    const ours: number[] = [];
    const floor: number[] = [];
    // By turns, so that a noisy minute of the host hits both sides.
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await interrupt(machines));
      floor.push(await killBare(machines));
    }
    report(machines, ours, floor);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** More machines than cores: what is measured is their end, not their work. */
async function matrix(): Promise<string> {
  const { image, key } = await tinyGuest();
  return `version: 1
targets:
  box: { engine: qemu, image: ${image}, memory: 128M, guest: { user: root, key: ${key}, channel: agent } }
test: { run: sleep 3600, timeout: 2h }
timeouts: { restore: 5m, boot: 5m, connect: 5m }
limits: { cpus: 64 }
`;
}

/** @returns milliseconds from the signal to the exit, when all machines run their test. */
async function interrupt(machines: number): Promise<number> {
  await rm(events, { force: true });
  const argv = [CLI, 'run', '--jobs', `${machines}`, '--repeat', `${machines}`, '-r', 'json', '-r', 'junit'];
  const run = spawn(process.execPath, [...argv, '-r', `events=${events}`], {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
  const ended = once(run, 'exit');
  for (let atWork = 0; atWork < machines; await delay(LOOK_MS)) {
    const told = await readFile(events, 'utf8').catch(() => '');
    atWork = told.split('\n').filter((line) => line.includes('"phase":"run"')).length;
    if (run.exitCode !== null) throw new Error(`the run ended with ${run.exitCode}:\n${told}`);
  }
  const started = performance.now();
  run.kill('SIGINT');
  await ended;
  const took = performance.now() - started;
  const text = await readFile(join(folder, 'vmtest-results', 'results.json'), 'utf8');
  const { cancelled } = (JSON.parse(text) as RunResult).summary.cells;
  if (run.exitCode !== 130 || cancelled !== machines) throw new Error(`${cancelled} cells were cancelled`);
  return took;
}

async function killBare(machines: number): Promise<number> {
  const argv = ['-machine', 'q35', '-accel', 'tcg', '-m', '128M', '-nodefaults', '-display', 'none'];
  const bare = Array.from({ length: machines }, () => spawn('qemu-system-x86_64', argv, { stdio: 'ignore' }));
  await delay(1_000);
  const started = performance.now();
  const ends = bare.map((process) => once(process, 'exit'));
  for (const process of bare) process.kill('SIGKILL');
  await Promise.all(ends);
  return performance.now() - started;
}

function report(machines: number, ours: readonly number[], floor: readonly number[]): void {
  const words = (times: readonly number[]) =>
    `median ${median(times).toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`;
  console.log(`${machines} machines: ${words(ours)}; bare processes killed: ${words(floor)}`);
}
