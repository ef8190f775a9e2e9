/** Writes a matrix file that fits this host, or a whole example. */
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VmtestError } from '../../host/errors.ts';
import { absolutePath } from '../../run/plan.ts';
import { ProbeOnce } from '../../run/plan-target.ts';
import { EXIT } from '../exit-codes.ts';
import { cliHost } from '../host.ts';
import { writeExample } from './example.ts';
import { lookAround, type Surroundings } from './look-around.ts';
import { runsImages, starterFile } from './starter.ts';

export interface InitOptions {
  file: string;
  /** Folder of the example; true = the usual one. */
  example?: string | true;
  force?: boolean;
}

const EXAMPLE_FOLDER = 'vmtest-example';

export async function initCommand({ file, example, force = false }: InitOptions): Promise<number> {
  if (example !== undefined) return initExample(example === true ? EXAMPLE_FOLDER : example, force);
  const path = absolutePath(file);
  const found = await lookAround(dirname(path), new ProbeOnce(cliHost({}), new AbortController().signal));
  await write(path, starterFile(found), force);
  say([`wrote ${file}`, ...advice(found)]);
  return EXIT.passed;
}

async function initExample(folder: string, force: boolean): Promise<number> {
  await writeExample(absolutePath(folder), force);
  say([
    `wrote ${folder}: two small Linux machines that run inside Node, and a suite for them`,
    'Next:',
    `  ${folder}/guests/build.sh`,
    `  vmtest run ${folder}/matrix.yml`,
  ]);
  return EXIT.passed;
}

function advice(found: Surroundings): string[] {
  if (runsImages(found)) return ['Next: vmtest doctor, vmtest run'];
  const why = found.qemu.available
    ? ['No disk image lies beside it, so its target is make-believe; the file shows a real one.']
    : [
        'QEMU was not found here, so its target is make-believe. To get it:',
        ...found.qemu.fixes.map((fix) => `  ${fix}`),
      ];
  return [...why, 'Machines that need nothing installed: vmtest init --example', 'Next: vmtest run'];
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new VmtestError('FILE_EXISTS', `${file} is there already`, {
      hint: 'Write elsewhere with `vmtest init FILE`, or over it with --force.',
    });
  }
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
