/**
 * What a person waits for with the embedded engine: the time to the first verdict, cold and warm, and what a cell costs
 * besides its test command. `npx tsx bench/v86-run.ts GUEST-FOLDER`, after a build. Beside it: `node -e 0`.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunResult } from '../src/results/model.ts';
import { CLI, measure, median } from './support.ts';

const ROUNDS = 7;
const TOGETHER = 8;

const [guest] = process.argv.slice(2);
if (guest === undefined) throw new Error('which guest? Give its folder.');
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), XDG_STATE_HOME: join(folder, 'state') };
const at = (name: string) => JSON.stringify(join(resolve(guest), name));
try {
  await writeFile(
    join(folder, 'matrix.yml'),
    `version: 1
targets:
  pc: { engine: v86, kernel: ${at('vmlinuz')}, initrd: ${at('initrd')}, append: console=ttyS0 quiet, guest: { channel: console } }
test: { run: echo done }
`,
  );
  const cold = await run(1, 1);
  print('cold: process start to the end of the run', cold.wall);
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) warm.push((await run(1, 1)).wall);
  print('warm: the same', median(warm));
  print('node -e 0', (await measure([process.execPath, '-e', '0'])).wall);
  const { cells } = await run(ROUNDS, 1);
  const phases = Object.keys(cells[0]?.timings ?? {}).filter((phase) => phase !== 'queue');
  const of = (phase: string) => median(cells.map(({ timings }) => timings[phase as 'run'] ?? 0));
  print(
    'a cell, all of it',
    phases.reduce((sum, phase) => sum + of(phase), 0),
  );
  for (const phase of phases) print(`  ${phase}`, of(phase));
  const together = await run(TOGETHER, TOGETHER);
  print(`${TOGETHER} cells at once, the whole run`, together.wall);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(repeat: number, jobs: number): Promise<{ wall: number; cells: RunResult['cells'] }> {
  const argv = [CLI, 'run', 'matrix.yml', '--repeat', `${repeat}`, '--jobs', `${jobs}`, '-r', 'json'];
  const { wall, exitCode, stdout, stderr } = await measure([process.execPath, ...argv], { cwd: folder, env });
  if (exitCode !== 0) throw new Error(stdout + stderr);
  const { cells } = JSON.parse(
    await readFile(join(folder, 'vmtest-results', 'results.json'), 'utf8'),
  ) as RunResult;
  return { wall, cells };
}

function print(what: string, ms: number): void {
  console.log(`${what}: ${ms.toFixed(0)} ms`);
}
