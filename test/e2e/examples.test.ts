/** Every example is true: each file validates, and the ones that can run here are run. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultPaths } from '../../src/host/paths.ts';
import { debianGuest } from '../support/guests.ts';
import { project } from '../support/project.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const sharedCache = { XDG_CACHE_HOME: defaultPaths().cache.replace(/\/vmtest$/, '') };

async function matrixFiles(): Promise<string[]> {
  const files = await readdir(examples, { recursive: true });
  return files.filter((file) => /(^|\/)[^/]*matrix[^/]*\.yml$/.test(file)).sort();
}

test('all matrix files validate', async () => {
  const files = await matrixFiles();
  expect(files).toContain('debian/matrix.yml');
  const p = await project({});
  for (const file of files) {
    expect({ file, ...(await p.vmtest('validate', join(examples, file))) }).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
  }
});

describe('examples/debian', () => {
  const matrix = join(examples, 'debian', 'matrix.yml');
  beforeAll(async () => {
    await debianGuest(12);
    await debianGuest(13);
  });

  test('passes on Debian 12 by agent and on Debian 13 by SSH', async () => {
    const p = await project({}, sharedCache);
    const { exitCode, stdout, stderr } = await p.vmtest('run', matrix);
    expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });
    const { cells, summary } = await p.results();
    expect(summary.cells).toMatchObject({ total: 4, passed: 4 });
    for (const cell of cells) {
      expect(cell.tests.passed).toBeGreaterThan(2);
      expect(cell.tests).toMatchObject({ failed: 0, error: 0, skipped: 2 });
    }
  });

  test('fails where it is told to', async () => {
    const text = (await readFile(matrix, 'utf8'))
      .replace(/fail-on-purpose: .*/, 'fail-on-purpose: please')
      .replaceAll('guests/', `${join(examples, 'debian', 'guests')}/`)
      .replace('from: tests', `from: ${join(examples, 'debian', 'tests')}`);
    expect(text).toContain('please');
    const p = await project({ 'matrix.yml': text }, sharedCache);
    expect((await p.vmtest('run', 'debian-12/shell=dash')).exitCode).toBe(1);
    expect((await p.results()).summary.tests).toMatchObject({ failed: 1 });
    expect(await p.read('vmtest-results', 'junit.xml')).toContain('<failure');
  });
});
