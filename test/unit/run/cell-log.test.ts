import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRedactor } from '../../../src/results/redact.ts';
import type { OutputLimit } from '../../../src/run/bounded-output.ts';
import { CellLog } from '../../../src/run/cell-log.ts';
import { scratchFolder } from '../../support/scratch.ts';

async function newLog(secrets: string[] = [], limit?: OutputLimit) {
  const path = join(await scratchFolder(), 'output.log');
  const told: string[] = [];
  const tell = (stream: string, text: string) => told.push(`${stream}: ${text}`);
  const log = new CellLog(path, createRedactor(secrets), tell, limit);
  return { log, told, read: () => readFile(path, 'utf8') };
}

test('writes both streams in the order they came, and tells whole lines of each', async () => {
  const { log, told, read } = await newLog();
  log.write('stdout', Buffer.from('one\ntw'));
  log.write('stderr', Buffer.from('oops\n'));
  log.write('stdout', Buffer.from('o'));
  await log.end();
  expect(await read()).toBe('one\ntwoops\no');
  expect(told).toEqual(['stdout: one\n', 'stderr: oops\n', 'stdout: two\n']);
});

test('masks a secret that comes in pieces, in the file too', async () => {
  const { log, told, read } = await newLog(['hunter2']);
  for (const piece of ['a hun', 'ter', '2 b\n']) log.write('stdout', Buffer.from(piece));
  await log.end();
  expect(await read()).toBe('a *** b\n');
  expect(told.join('')).toBe('stdout: a *** b\n');
});

test('keeps characters whole that are cut between chunks', async () => {
  const { log, read } = await newLog();
  const bytes = Buffer.from('grüße 🎉');
  for (const byte of bytes) log.write('stdout', Buffer.from([byte]));
  await log.end();
  expect(await read()).toBe('grüße 🎉');
});

test('knows its tail, from the start of a line', async () => {
  const { log } = await newLog();
  log.write('stdout', Buffer.from('all of\nit'));
  expect(log.tail()).toBe('all of\nit');
  for (let line = 0; line < 5_000; line += 1) log.write('stdout', Buffer.from(`line ${line}\n`));
  expect(log.tail()).toMatch(/^line \d+\n/);
  expect(log.tail()).toMatch(/line 4999\n$/);
  expect(log.tail().length).toBeLessThanOrEqual(4_096);
  await log.end();
});

test('of output without end keeps the beginning and the end, in the file and in what is told', async () => {
  const { log, told, read } = await newLog([], { head: 20, tail: 10 });
  log.write('stdout', Buffer.from('the beginning\n'));
  for (let line = 0; line < 5_000; line += 1) log.write('stdout', Buffer.from(`${line}\n`.padStart(9, 'x')));
  log.write('stderr', Buffer.from('the end\n'));
  expect(log.tail()).toContain('\nthe end\n');
  await log.end();
  const text = await read();
  expect(text).toMatch(
    /^the beginning\n\n\[vmtest: \d+ characters of output left out\]\n(x+\d+\n)+the end\n$/,
  );
  const missing = Number(/vmtest: (\d+)/.exec(text)?.[1]);
  const kept = text.replace(/\n\[.*\]\n/, '');
  expect(kept.length + missing).toBe('the beginning\n'.length + 5_000 * 9 + 'the end\n'.length);
  expect(text.length).toBeLessThan(20_000);
  expect(told.join('')).toContain('stderr: the end\n');
});

test('says when the file could not be written', async () => {
  const folder = join(await scratchFolder(), 'is-a-folder');
  await mkdir(folder);
  const log = new CellLog(folder, createRedactor([]), () => {});
  log.write('stdout', Buffer.from('lost'));
  await expect(log.end()).rejects.toMatchObject({ code: 'EISDIR' });
});
