/** How long until the command line answers, beside `node -e 0`. `npx tsx bench/startup.ts` */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, measure, median } from './support.ts';

const ROUNDS = 15;
const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
const file = join(folder, 'matrix.yml');
await writeFile(
  file,
  `version: 1
targets: { t: { engine: fake } }
matrix: { a: [${Array.from({ length: 300 }, (_, index) => index).join(', ')}] }
test: { run: 'true' }
`,
);
const commands: Record<string, string[]> = {
  'node -e 0': [process.execPath, '-e', '0'],
  'vmtest --version': [process.execPath, CLI, '--version'],
  'vmtest --help': [process.execPath, CLI, '--help'],
  'vmtest validate (300 cells)': [process.execPath, CLI, 'validate', file],
  'vmtest list (300 cells)': [process.execPath, CLI, 'list', file],
};
const samples = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
// Round by round, so that a noisy moment of the host hits all of them.
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, argv] of Object.entries(commands)) {
    const { wall, exitCode, stderr } = await measure(argv);
    if (exitCode !== 0) throw new Error(`${name}: exit code ${exitCode}: ${stderr}`);
    samples.get(name)?.push(wall);
  }
}
await rm(folder, { recursive: true, force: true });
const floor = median(samples.get('node -e 0') ?? []);
for (const [name, walls] of samples) {
  const wall = median(walls);
  console.log(`${name.padEnd(30)} ${wall.toFixed(0).padStart(4)} ms   ${(wall / floor).toFixed(2)} ×`);
}
