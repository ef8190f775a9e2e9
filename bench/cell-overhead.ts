/**
 * What a cell costs besides its test command, from a warm template, beside the floor of the same steps in raw QMP:
 * `npx tsx bench/cell-overhead.ts GUEST-FOLDER [MEMORY-MIB]`. Both run the same command; all of it counts.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../src/results/model.ts';
import { CLI, measure, median } from './support.ts';

const WAYS = ['agent', 'ssh'] as const;
type Way = (typeof WAYS)[number];

/** Blocks by turns, so that a noisy minute of the host hits both sides. */
const BLOCKS = 3;
const ROUNDS = 5;
const FLOOR = fileURLToPath(new URL('./floor/main.ts', import.meta.url));

const [guest, memory = '512'] = process.argv.slice(2);
if (guest === undefined) throw new Error('which guest? Give its folder.');
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const floor: Record<Way, number[]> = { agent: [], ssh: [] };
const ours: Record<Way, number[]> = { agent: [], ssh: [] };
const phases: Record<Way, Record<string, number[]>> = { agent: {}, ssh: {} };
try {
  await writeFile(join(folder, 'matrix.yml'), await matrix(guest));
  await vmtest(1); // makes the templates
  for (let block = 0; block < BLOCKS; block += 1) {
    await measureFloor(guest);
    await measureOurs();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const way of WAYS) {
  const [mine, bare] = [median(ours[way]), median(floor[way])];
  console.log(
    `${way}: vmtest ${mine.toFixed(0)} ms, floor ${bare.toFixed(0)} ms, ${(mine / bare).toFixed(2)} ×`,
  );
  const split = Object.entries(phases[way]).map(([phase, ms]) => `${phase} ${median(ms).toFixed(0)}`);
  console.log(`  ${split.join(', ')}`);
}

async function measureFloor(guestFolder: string): Promise<void> {
  const argv = [
    process.execPath,
    '--import',
    'tsx',
    FLOOR,
    guestFolder,
    '--memory',
    memory,
    '--rounds',
    `${ROUNDS}`,
  ];
  const { stdout, stderr, exitCode } = await measure(argv);
  if (exitCode !== 0) throw new Error(stderr);
  const report = JSON.parse(stdout) as Record<Way, { rounds: { total: number }[] }>;
  for (const way of WAYS) floor[way].push(...report[way].rounds.map(({ total }) => total));
}

async function measureOurs(): Promise<void> {
  const { cells } = await vmtest(ROUNDS);
  for (const { target, timings, outcome } of cells) {
    if (outcome !== 'passed') throw new Error(`${target}: ${outcome}`);
    const { queue: _queue, ...own } = timings;
    ours[target as Way].push(Object.values(own).reduce((sum, ms) => sum + ms, 0));
    for (const [phase, ms] of Object.entries(own)) {
      const list = phases[target as Way][phase] ?? [];
      list.push(ms);
      phases[target as Way][phase] = list;
    }
  }
}

async function vmtest(repeat: number): Promise<RunResult> {
  const argv = [
    process.execPath,
    CLI,
    'run',
    'matrix.yml',
    '--jobs',
    '1',
    '--repeat',
    String(repeat),
    '-r',
    'json',
  ];
  const { exitCode, stdout, stderr } = await measure(argv, { cwd: folder });
  if (exitCode !== 0) throw new Error(stdout + stderr);
  return JSON.parse(await readFile(join(folder, 'vmtest-results', 'results.json'), 'utf8')) as RunResult;
}

async function matrix(guestFolder: string): Promise<string> {
  const append = (await readFile(join(guestFolder, 'cmdline'), 'utf8')).trim();
  const image = append.includes('root=/dev/vda') ? `image: ${guestFolder}/disk.img, ` : '';
  const target = (way: Way) =>
    `${way}: { engine: qemu, ${image}kernel: ${guestFolder}/vmlinuz, initrd: ${guestFolder}/initrd, append: ${append}, ` +
    `memory: ${memory}M, guest: { user: root, key: ${guestFolder}/id_ed25519, channel: ${way} } }`;
  return `version: 1\ntargets:\n  ${target('agent')}\n  ${target('ssh')}\ntest: { run: echo done }\n`;
}
