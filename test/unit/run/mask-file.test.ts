import { appendFile, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ByteRedactStream, createRedactor } from '../../../src/results/redact.ts';
import { maskFile } from '../../../src/run/mask-file.ts';
import { scratchFolder } from '../../support/scratch.ts';

const SECRET = 'correct horse battery staple';
const maskOf = (...secrets: string[]) => createRedactor(secrets).bytes() as ByteRedactStream;
const newFile = async (content: string | Buffer) => {
  const path = join(await scratchFolder(), 'console.log');
  await writeFile(path, content);
  return path;
};

test('a secret is found wherever in a long file it stands, across reads too', async () => {
  // Reads are of 256 KiB: one of these crosses each border.
  const filler = (bytes: number) => `${'.'.repeat(bytes - 1)}\n`;
  const parts = Array.from({ length: 40 }, (_, at) => filler(256 * 1024 - SECRET.length - (at % 7)));
  const path = await newFile(parts.join(SECRET));
  await maskFile(path, maskOf(SECRET));
  expect((await readFile(path, 'utf8')) === parts.join('***')).toBe(true);
});

test('all other bytes stay, whatever their encoding', async () => {
  const noise = Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0xe4, 0xc3, 0x80, 0xed, 0xa0, 0x80]);
  const path = await newFile(
    Buffer.concat([noise, Buffer.from('pässwörd'), noise, Buffer.from('p%C3%A4sswo')]),
  );
  await maskFile(path, maskOf('pässwörd'));
  expect(await readFile(path)).toEqual(
    Buffer.concat([noise, Buffer.from('***'), noise, Buffer.from('p%C3%A4sswo')]),
  );
});

test('a mask as long as the secret is written as well', async () => {
  const path = await newFile('a=abc b=abcabc');
  await maskFile(path, maskOf('abc'));
  expect(await readFile(path, 'utf8')).toBe('a=*** b=******');
});

test('the file stays the same one, for whoever still appends to it', async () => {
  const path = await newFile(`${SECRET}\n`);
  const before = await stat(path);
  await maskFile(path, maskOf(SECRET));
  await appendFile(path, 'goes on\n');
  expect((await stat(path)).ino).toBe(before.ino);
  expect(await readFile(path, 'utf8')).toBe('***\ngoes on\n');
});

test('nothing happens where there is no file, or a link', async () => {
  const path = await newFile(SECRET);
  await symlink(path, `${path}.link`);
  await maskFile(`${path}.link`, maskOf(SECRET));
  await maskFile(`${path}.not`, maskOf(SECRET));
  expect(await readFile(path, 'utf8')).toBe(SECRET);
});
