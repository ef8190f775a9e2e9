import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MatrixFileError } from '../../../matrix/problems.ts';
import { readMatrixFile } from '../../../matrix/read.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmtest-read-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content);
}

async function failure(file?: string): Promise<MatrixFileError> {
  const error = await readMatrixFile(file, folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MatrixFileError);
  expect(error).toMatchObject({ code: 'MATRIX_FILE' });
  return error as MatrixFileError;
}

describe('readMatrixFile', () => {
  it('reads a named file, and the first default one', async () => {
    write('matrix.yml', 'version: 1 # é\n');
    const expected = { file: 'matrix.yml', path: join(folder, 'matrix.yml'), text: 'version: 1 # é\n' };
    expect(await readMatrixFile('matrix.yml', folder)).toEqual(expected);
    expect(await readMatrixFile(undefined, folder)).toEqual(expected);
    write('vmtest.yml', 'version: 1\n');
    expect((await readMatrixFile(undefined, folder)).file).toBe('vmtest.yml');
  });

  it('does not hide a default file that cannot be read behind the next one', async () => {
    mkdirSync(join(folder, 'vmtest.yml'));
    write('matrix.yml', 'version: 1\n');
    expect((await failure()).message).toBe('vmtest.yml is a folder');
  });

  it('says what it looked for', async () => {
    expect(await failure()).toMatchObject({
      message: 'there is no matrix file here: vmtest.yml, matrix.yml, .vmtest.yml',
      hint: 'name one (`vmtest run FILE`), or let `vmtest init` write one',
    });
  });

  it('names the nearest file', async () => {
    mkdirSync(join(folder, 'ci'));
    write('ci/matrix.yaml', '');
    write('ci/matrix.txt', '');
    expect(await failure('ci/matrx.yml')).toMatchObject({
      message: 'there is no file ci/matrx.yml',
      hint: 'did you mean ci/matrix.yaml?',
    });
    expect((await failure('nowhere/at/all.yml')).hint).toBeUndefined();
    expect((await failure('ci/matrix.txt/below.yml')).message).toBe(
      'there is no file ci/matrix.txt/below.yml',
    );
  });

  it('refuses a folder, and finds the file in it', async () => {
    mkdirSync(join(folder, 'ci'));
    expect(await failure('ci')).toMatchObject({ message: 'ci is a folder', hint: 'name the file in it' });
    write('ci/vmtest.yml', '');
    expect((await failure('ci/')).hint).toBe('did you mean ci/vmtest.yml?');
  });

  it('refuses more than 1 MiB without reading it', async () => {
    write('big.yml', '');
    truncateSync(join(folder, 'big.yml'), 4 * 2 ** 40); // sparse: reading it would take hours
    expect((await failure('big.yml')).message).toBe('big.yml is larger than 1 MiB: that is no matrix file');
    write('edge.yml', 'x'.repeat(1024 * 1024));
    expect((await readMatrixFile('edge.yml', folder)).text).toHaveLength(1024 * 1024);
    write('edge.yml', 'x'.repeat(1024 * 1024 + 1));
    expect((await failure('edge.yml')).message).toContain('larger than 1 MiB');
  });

  it.runIf(process.platform === 'linux')('bounds what tells no size', async () => {
    expect((await failure('/dev/zero')).message).toBe(
      '/dev/zero is larger than 1 MiB: that is no matrix file',
    );
  });

  it.runIf(process.platform !== 'win32')('reads from a pipe', async () => {
    const pipe = join(folder, 'pipe.yml');
    execFileSync('mkfifo', [pipe]);
    const [{ text }] = await Promise.all([
      readMatrixFile('pipe.yml', folder),
      new Promise<void>((resolve) => {
        execFileSync('sh', ['-c', 'printf "version: 1" > "$0" &', pipe]);
        resolve();
      }),
    ]);
    expect(text).toBe('version: 1');
  });

  it.each([
    ['UTF-16 with a mark', Buffer.from('\uFEFFversion: 1', 'utf16le'), 'UTF-16'],
    ['UTF-16 without a mark', Buffer.from('version: 1', 'utf16le'), 'UTF-16'],
    ['big-endian UTF-16', Buffer.from('\uFEFFversion: 1', 'utf16le').swap16(), 'UTF-16'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x76, 0, 0, 0]), 'UTF-32'],
  ])('refuses %s', async (_, bytes, name) => {
    write('wide.yml', bytes);
    expect(await failure('wide.yml')).toMatchObject({
      message: `wide.yml is ${name} text; a matrix file is UTF-8`,
      hint: 'save it as UTF-8 in the editor',
    });
  });

  it('says where a byte is not UTF-8', async () => {
    write(
      'latin.yml',
      Buffer.concat([Buffer.from('version: 1\nna\uFFFD: é'), Buffer.from('ü', 'latin1'), Buffer.from('\n')]),
    );
    const { problems, details } = await failure('latin.yml');
    expect(problems).toMatchObject([{ line: 2, column: 7, message: 'a byte here is not UTF-8' }]);
    expect(details).toContain('latin.yml:2:7: ');
  });

  it('keeps a byte order mark out of the text', async () => {
    write('bom.yml', '\uFEFFversion: 1');
    expect((await readMatrixFile('bom.yml', folder)).text).toBe('version: 1');
  });

  it('gives an empty file to the loader', async () => {
    write('empty.yml', '');
    expect((await readMatrixFile('empty.yml', folder)).text).toBe('');
  });
});
