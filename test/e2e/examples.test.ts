/** Every example is true: each file validates, and the ones that can run here are run. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { debianGuest, quickstartGuests } from '../support/guests.ts';
import { engineProcesses } from '../support/processes.ts';
import { project, SHARED_CACHE } from '../support/project.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

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

test('examples/fake has cells that end in every way, and its events are as published', async () => {
  const p = await project({});
  const matrix = join(examples, 'fake', 'matrix.yml');
  const { exitCode, stdout, stderr } = await p.vmtest(
    'run',
    matrix,
    '-r',
    'plain',
    '-r',
    'json',
    '-r',
    'events',
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(stdout).toContain('connect: TIMEOUT');
  const { summary } = await p.results();
  expect(summary.cells).toMatchObject({ total: 200, cancelled: 0, skipped: 0 });
  for (const outcome of ['passed', 'failed', 'error', 'flaky'] as const) {
    expect(summary.cells[outcome]).toBeGreaterThan(0);
  }
  const schema = JSON.parse(await readFile(join(examples, '../schema/events.schema.json'), 'utf8'));
  const validate = new Ajv2020().compile(schema);
  const records = (await p.read('vmtest-results', 'events.ndjson')).trimEnd().split('\n');
  const wrong = records.filter((record) => !validate(JSON.parse(record)));
  expect({ wrong, ended: records.filter((record) => record.includes('"type":"cell:end"')).length }).toEqual({
    wrong: [],
    ended: 200,
  });
});

describe('examples/quickstart', () => {
  const folder = join(examples, 'quickstart');
  beforeAll(async () => {
    await quickstartGuests();
  });

  test('passes on two kernels inside Node', async () => {
    const p = await project({}, SHARED_CACHE);
    const { exitCode, stdout, stderr } = await p.vmtest('run', join(folder, 'matrix.yml'));
    expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });
    const { cells, summary } = await p.results();
    expect(summary.cells).toMatchObject({ total: 4, passed: 4 });
    for (const cell of cells) {
      expect({ id: cell.id, ...cell.tests }).toMatchObject({ passed: 5, failed: 0, error: 0, skipped: 1 });
    }
  });

  test('fails where it is told to', async () => {
    const text = (await readFile(join(folder, 'matrix.yml'), 'utf8'))
      .replace(/fail-on-purpose: .*/, 'fail-on-purpose: a <word> & "more"')
      .replaceAll('guests/', `${join(folder, 'guests')}/`)
      .replace('from: tests', `from: ${join(folder, 'tests')}`);
    const p = await project({ 'matrix.yml': text }, SHARED_CACHE);
    expect((await p.vmtest('run', 'linux-6.1/codec=gzip')).exitCode).toBe(1);
    expect((await p.results()).summary.tests).toMatchObject({ passed: 5, failed: 1 });
  });
});

describe('examples/debian', () => {
  const matrix = join(examples, 'debian', 'matrix.yml');
  beforeAll(async () => {
    await debianGuest(12);
    await debianGuest(13);
  });

  test('passes on Debian 12 by agent and on Debian 13 by SSH', async () => {
    const p = await project({}, SHARED_CACHE);
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
    const p = await project({ 'matrix.yml': text }, SHARED_CACHE);
    expect((await p.vmtest('run', 'debian-12/shell=dash')).exitCode).toBe(1);
    expect((await p.results()).summary.tests).toMatchObject({ failed: 1 });
    expect(await p.read('vmtest-results', 'junit.xml')).toContain('<failure');
  });
});

describe('examples/command', () => {
  const folder = join(examples, 'command');
  beforeAll(async () => {
    await debianGuest(12);
  });

  test('passes on Debian 12 in a QEMU that a script drives, and leaves nothing', async () => {
    const p = await project({}, SHARED_CACHE);
    const { exitCode, stdout, stderr } = await p.vmtest('run', join(folder, 'matrix.yml'));
    expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });
    const { cells, summary } = await p.results();
    expect(summary.cells).toMatchObject({ total: 2, passed: 2 });
    for (const cell of cells) {
      expect(cell.tests.passed).toBeGreaterThan(2);
      expect(cell.tests).toMatchObject({ failed: 0, error: 0, skipped: 2 });
    }
    expect(await p.read('vmtest-results', 'cells', 'debian-12_shell-dash', 'console.log')).toContain('login');
    expect(await engineProcesses(p.stateFolder)).toEqual([]);
    expect(await readdir(join(p.stateFolder, 'machines'))).toEqual([]);
  });

  test('doctor says what the program says, and what is wrong with it', async () => {
    const p = await project({});
    expect((await p.vmtest('doctor', join(folder, 'matrix.yml'))).stdout).toMatch(
      /debian-12.*QEMU [\d.]+, tcg/s,
    );
    const text = (await readFile(join(folder, 'matrix.yml'), 'utf8')).replace('./engine.sh', './missing.sh');
    const broken = await project({ 'matrix.yml': text });
    const { stdout } = await broken.vmtest('doctor', 'matrix.yml');
    expect(stdout).toContain(`the program ${broken.path('missing.sh')} does not exist`);
  });
});
