import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LogFile } from '../../../reporters/log-file.ts';
import { scratchFolder } from '../../support/scratch.ts';

test('the file is made with its first line, not before', async () => {
  const folder = await scratchFolder();
  const path = join(folder, 'new', 'log.txt');
  const file = new LogFile(path);
  await expect(access(join(folder, 'new'))).rejects.toThrow();
  file.write('one\n');
  file.write('two\n');
  await file.end();
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
});

test('what could not be written is told at the end', async () => {
  const folder = await scratchFolder();
  await mkdir(join(folder, 'taken'));
  const file = new LogFile(join(folder, 'taken'));
  file.write('one\n');
  await expect(file.end()).rejects.toThrow('EISDIR');
});
