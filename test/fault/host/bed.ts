/** A healthy host to make ill: a project, an engine, and the cache of a run that nobody disturbed. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyGuest } from '../../support/guests.ts';
import { type Inventory, takeInventory } from '../inventory/inventory.ts';
import { Vmtest } from '../kill-points/vmtest.ts';
import type { Imposed, Place } from './hardship.ts';
import { matrixText } from './matrix.ts';

/** The same matrix, which takes the host for larger than it is. */
export const DECEIVED = 'deceived.yml';

const MARK = 'VMTEST_FAULTY_HOST';

export class Bed {
  readonly place: Place;
  readonly #folder: string;

  static async create(): Promise<Bed> {
    // Short, as the paths of sockets are limited to some 100 bytes.
    const bed = new Bed(await mkdtemp(join(tmpdir(), 'vmh-')));
    const { image, key } = await tinyGuest();
    const target = `engine: qemu, image: ${image}, memory: 128M, guest: { user: root, key: ${key}, channel: agent }`;
    for (const folder of [...Object.values(bed.place), bed.#told]) await mkdir(folder);
    await writeFile(join(bed.place.project, 'matrix.yml'), matrixText(target));
    await writeFile(join(bed.place.project, DECEIVED), matrixText(target, '64G'));
    const { exitCode, output } = await bed.vmtest({ env: { XDG_CACHE_HOME: bed.place.warm } }).call('run');
    if (exitCode !== 1) throw new Error(`an undisturbed run ended with ${exitCode}:\n${output}`);
    return bed;
  }

  private constructor(folder: string) {
    this.#folder = folder;
    const at = (name: string) => join(folder, name);
    this.place = {
      state: at('state'),
      cache: at('cache'),
      tmp: at('tmp'),
      project: at('project'),
      warm: at('warm'),
    };
  }

  get #told(): string {
    return join(this.#folder, 'told');
  }

  vmtest({ before = [], env = {} }: Pick<Imposed, 'before' | 'env'> = {}): Vmtest {
    const { state, cache, tmp, project } = this.place;
    const folders = { XDG_STATE_HOME: state, XDG_CACHE_HOME: cache, TMPDIR: tmp };
    return new Vmtest({
      cwd: project,
      told: this.#told,
      env: { ...process.env, ...folders, ...env, [MARK]: this.#folder },
      before,
    });
  }

  inventory(): Promise<Inventory> {
    const { project, warm } = this.place;
    return takeInventory({
      mark: `${MARK}=${this.#folder}`,
      folders: [this.#folder],
      except: [project, warm, this.#told],
    });
  }

  /** Empty folders again for the next trial. */
  async reset(): Promise<void> {
    const { state, cache, tmp, project } = this.place;
    await rm(join(project, 'vmtest-results'), { recursive: true, force: true });
    for (const folder of [state, cache, tmp]) {
      for (const name of await readdir(folder).catch(() => [])) {
        await rm(join(folder, name), { recursive: true });
      }
    }
  }

  async end(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
