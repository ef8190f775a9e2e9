import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConsoleLog } from '../../../../drivers/v86/machine/console-log.ts';
import { scratchFolder } from '../../../support/scratch.ts';

test('keeps the beginning and what came last, and says what is missing', async () => {
  const path = join(await scratchFolder(), 'console.log');
  const log = new ConsoleLog(path, { largest: 100, keep: 10 });
  log.append(Buffer.from('beginning '));
  for (let line = 0; line < 30; line += 1) log.append(Buffer.from(`line ${line}\n`));
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(/^beginning \n\[vmtest: \d+ bytes of console output left out\]\n/);
  expect(text.endsWith('line 29\n')).toBe(true);
  expect(text.length).toBeLessThanOrEqual(110);
});
