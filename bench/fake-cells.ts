/** Cells of zero length on the make-believe engine: all that is measured is vmtest. `npx tsx bench/fake-cells.ts [N…]` */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLI, measure } from './support.ts';

const sizes = process.argv.slice(2).map(Number);

for (const size of sizes.length > 0 ? sizes : [1_000, 10_000, 100_000]) {
  const folder = await mkdtemp(join(tmpdir(), 'vmtest-bench-'));
  try {
    await writeFile(join(folder, 'matrix.yml'), matrixOf(size));
    const { wall, peak, exitCode, stderr } = await measure(
      [process.execPath, CLI, 'run', 'matrix.yml', '-r', 'plain=plain.log', '-r', 'junit', '-r', 'json'],
      { cwd: folder, env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') } },
    );
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
    console.log(
      `${size} cells: ${(wall / 1000).toFixed(2)} s, ${Math.round(size / (wall / 1000))} cells/s, ` +
        `${(wall / size).toFixed(3)} ms a cell, peak ${Math.round(peak / 1024 ** 2)} MiB`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function matrixOf(size: number): string {
  const columns = 100;
  const list = (count: number) => `[${Array.from({ length: count }, (_, index) => index).join(', ')}]`;
  return `version: 1
targets: { t: { engine: fake } }
matrix: { a: ${list(size / columns)}, b: ${list(columns)} }
limits: { jobs: 8, cpus: 8 }
test: { run: 'true' }
`;
}
