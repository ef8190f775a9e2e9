/** A whole run of the built command line over guests that misbehave, and all that is wrong afterwards. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunResult } from '../../../src/results/model.ts';
import { difference, takeInventory } from '../inventory/inventory.ts';
import { ARCHIVES } from './archives.ts';
import { type Cell, type Choice, cellsOf, guestFiles, matrixText } from './matrix.ts';
import { type Ended, vmtest } from './vmtest.ts';
import { wrongInRun } from './wrong.ts';

const MARK = 'VMTEST_FAULT_GUEST';

export interface Attack extends Choice {
  /** Gets all that vmtest prints. */
  onOutput?: (text: string) => void;
}

export interface Outcome {
  /** A line each; none when all went as it should. */
  wrong: string[];
  result: RunResult;
  ended: Ended;
}

/** Clean states come from the user's cache, and stay there. */
export async function runFaults({ onOutput, ...choice }: Attack): Promise<Outcome> {
  // Short, as the paths of sockets are limited to some 100 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'vmg-'));
  const project = join(folder, 'project');
  const env = {
    ...process.env,
    XDG_STATE_HOME: join(folder, 'state'),
    TMPDIR: join(folder, 'tmp'),
    [MARK]: folder,
  };
  const inventory = () => takeInventory({ mark: `${MARK}=${folder}`, folders: [folder], except: [project] });
  try {
    for (const name of ['state', 'tmp', 'project']) await mkdir(join(folder, name));
    const cells = cellsOf(choice);
    await writeProject(project, cells, choice);
    const before = await inventory();
    const ended = await vmtest({ cwd: project, env, onOutput });
    const { left } = difference(before, await inventory());
    const { result, wrong } = await wrongInRun({ project, cells, ended, ...choice });
    return { wrong: [...wrong, ...left.map((line) => `left: ${line}`)], result, ended };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeProject(
  project: string,
  cells: readonly Cell[],
  { faults, targets }: Choice,
): Promise<void> {
  const archives = Object.entries(ARCHIVES).map(([name, bytes]) => [`archives/${name}.tar`, bytes] as const);
  for (const [path, content] of [...Object.entries(guestFiles(faults)), ...archives]) {
    const at = join(project, 'guest', path);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, content);
  }
  await writeFile(join(project, 'matrix.yml'), matrixText(targets, cells, 'guest'));
}
