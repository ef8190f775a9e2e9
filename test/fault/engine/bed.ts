/**
 * Hosts to run cells on while their engine goes wrong: state, cache, temporary files and a project in a scratch folder, one
 * for each trial; with one engine for all of them.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../../support/bundle.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { ENGINES } from '../kill-points/engines.ts';
import { Vmtest } from '../kill-points/vmtest.ts';
import type { Trouble } from './faults.ts';
import { matrixText } from './matrix.ts';

const MARK = 'VMTEST_FAULTY_ENGINE';

export interface Bed {
  engine: string;
  /** Whether trials may go on side by side. */
  isShared: boolean;
  /** Whether clean states are made by vmtest, so that a run can begin without them. */
  makesStates: boolean;
  /** @param start whether the clean states are there already. */
  place(start: Start): Promise<Place>;
  end(): Promise<void>;
}

export type Start = 'warm' | 'cold';

/** One trial's. */
export interface Place {
  /** Of the project. */
  folder: string;
  /** Where a bent vmtest writes down what it counts. */
  told: string;
  /** Whose engine goes wrong. Without trouble, it is only watched. */
  bent(trouble?: Trouble): Promise<Vmtest>;
  /** Whose engine is well. */
  healthy: Vmtest;
  inventory(): Promise<Inventory>;
  end(): Promise<void>;
}

/** Of engines that take longer for a cell than QEMU's clone does, what their deadlines are multiplied by. */
const PACE: Readonly<Record<string, number>> = {
  v86: 2,
  libvirt: 3,
  virtualbox: 10,
  vmware: 10,
  hyperv: 10,
  parallels: 10,
};

/** A first boot takes longer than a restore. Of v86 all deadlines are for software emulation as it is: ten times as long. */
const COLD_PACE = 4;

export async function createBed(engine: string): Promise<Bed> {
  const create = ENGINES[engine];
  if (!create) throw new Error(`engine ${engine}? One of ${Object.keys(ENGINES).join(', ')}`);
  const made = await create();
  // Short, as the paths of sockets are limited to some 100 bytes.
  const root = await mkdtemp(join(tmpdir(), 'vmf-'));
  const bend = join(root, 'bend.mjs');
  await bundle(new URL('bend/main.ts', import.meta.url), bend);
  const pace = PACE[engine.replace('-live', '')] ?? 1;
  const coldPace = engine === 'v86' ? pace : COLD_PACE * pace;
  const texts = { warm: matrixText(made.target, pace), cold: matrixText(made.target, coldPace) };
  const makesStates = made.isShared;
  const states = join(root, 'cache');
  let count = 0;

  async function place(start: Start): Promise<Place> {
    count += 1;
    const folder = join(root, String(count));
    const at = (name: string) => join(folder, name);
    for (const name of ['s', 'tmp', 'project/up', 'told']) await mkdir(at(name), { recursive: true });
    // Nobody writes to a clean state that is there.
    if (start === 'warm' && makesStates) await promisify(execFile)('cp', ['-al', states, at('cache')]);
    else await mkdir(at('cache'));
    await writeFile(at('project/matrix.yml'), texts[start]);
    await writeFile(at('project/up/file.txt'), 'something\n');
    const mark = `${MARK}=${folder}`;
    const env = {
      ...process.env,
      ...made.env,
      XDG_STATE_HOME: at('s'),
      XDG_CACHE_HOME: at('cache'),
      TMPDIR: at('tmp'),
      [MARK]: folder,
    };
    const vmtest = (more: NodeJS.ProcessEnv) =>
      new Vmtest({ cwd: at('project'), told: at('told'), env: { ...env, ...more } });
    const told = at('told/steps.ndjson');
    return {
      folder: at('project'),
      told,
      bent: async (trouble) => {
        await rm(told, { force: true });
        await writeFile(at('told/trouble.json'), JSON.stringify({ told, trouble }));
        return vmtest({ NODE_OPTIONS: `--import=${bend}`, VMTEST_BENT: at('told/trouble.json') });
      },
      healthy: vmtest({}),
      inventory: () =>
        takeInventory({
          mark,
          folders: [folder, ...(made.folders ?? [])],
          except: [at('project'), at('told')],
          more: made.more,
        }),
      end: () => rm(folder, { recursive: true, force: true }),
    };
  }

  async function makeStates(): Promise<void> {
    const first = await place('cold');
    const run = await first.healthy.run();
    const { exitCode, output } = await run.ended;
    if (exitCode !== 1) throw new Error(`an undisturbed run ended with ${exitCode}:\n${output}`);
    await rename(join(root, '1', 'cache'), states);
    await first.end();
  }

  async function end(): Promise<void> {
    await made.end();
    await rm(root, { recursive: true, force: true });
  }

  try {
    if (makesStates) await makeStates();
  } catch (error) {
    await end();
    throw error;
  }
  return { engine, isShared: made.isShared, makesStates, place, end };
}
