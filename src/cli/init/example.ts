/** The quickstart, as a folder of one's own. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VmtestError } from '../../host/errors.ts';
import { packageFile } from '../../host/this-package.ts';

/** What building and running leave in it. */
const MADE = [/^guests\/(linux-|bios)/, /^vmtest-results/, /^tests\/reports/];

/** @param folder absolute. */
export async function writeExample(folder: string, force: boolean): Promise<void> {
  const from = fileURLToPath(packageFile('examples/quickstart/'));
  try {
    await cp(from, folder, {
      recursive: true,
      force,
      errorOnExist: !force,
      filter: (source) => !MADE.some((made) => made.test(relative(from, source).split(sep).join('/'))),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_FS_CP_EEXIST') throw error;
    throw new VmtestError('FILE_EXISTS', `${folder} has files of the example already`, {
      hint: 'Write elsewhere with `vmtest init --example DIR`, or over it with --force.',
    });
  }
  await pointAtSchema(join(folder, 'matrix.yml'));
}

/** The comment that tells editors of the schema names a place beside the example; elsewhere it is this package's. */
async function pointAtSchema(file: string): Promise<void> {
  const schema = fileURLToPath(packageFile('schema/matrix.schema.json'));
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace(/\$schema=.*/, () => `$schema=${schema}`),
  );
}
