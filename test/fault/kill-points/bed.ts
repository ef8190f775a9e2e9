/** A host of its own to kill runs on: state, cache, temporary files and a project in one scratch folder, and an engine. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { Company } from './company.ts';
import { ENGINES, type Engine, type Person } from './engines.ts';
import { type Cells, matrixText } from './matrix.ts';
import { Vmtest } from './vmtest.ts';

const MARK = 'VMTEST_KILL_POINTS';

export interface Bed {
  engine: string;
  /** Of the trials that shall begin without clean states. */
  coldShare: number;
  /** Of the trials beside which a kept machine may lie. */
  keptShare: number;
  /** Those of the matrix. */
  cells: Cells;
  vmtest: Vmtest;
  inventory(): Promise<Inventory>;
  person: Person;
  /** Forgets the clean states. */
  makeCold(): Promise<void>;
  company: Company;
  end(): Promise<void>;
}

export async function createBed(engine: string): Promise<Bed> {
  const create = ENGINES[engine];
  if (!create) throw new Error(`engine ${engine}? One of ${Object.keys(ENGINES).join(', ')}`);
  // Short, as the paths of sockets are limited to some 100 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'vmk-'));
  const at = (name: string) => join(folder, name);
  for (const name of ['state', 'cache', 'tmp', 'project', 'company', 'told']) await mkdir(at(name));
  const made: Engine = await create();
  const mark = `${MARK}=${folder}`;
  const env = {
    ...process.env,
    ...made.env,
    XDG_STATE_HOME: at('state'),
    XDG_CACHE_HOME: at('cache'),
    TMPDIR: at('tmp'),
    [MARK]: folder,
  };
  await writeFile(join(at('project'), 'matrix.yml'), matrixText(made.target, made.cells));
  const vmtest = new Vmtest({ cwd: at('project'), told: at('told'), env });
  const company = await Company.start({
    folder: at('company'),
    env,
    target: made.target,
    isShared: made.isShared && process.env['VMTEST_FAULT_COMPANY'] !== 'none',
  });
  return {
    engine,
    coldShare: made.coldShare,
    keptShare: made.keptShare,
    cells: made.cells,
    vmtest,
    company,
    inventory: () =>
      takeInventory({
        mark,
        folders: [folder, ...(made.folders ?? [])],
        except: [at('project'), at('told'), at('company')],
        more: made.more,
      }),
    person: made.person ?? { leaves: async () => {}, comesBack: async () => [] },
    makeCold: () => made.forget(at('cache')),
    end: async () => {
      await company.end();
      await vmtest.call('clean');
      await made.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
