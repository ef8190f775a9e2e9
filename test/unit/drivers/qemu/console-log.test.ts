import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cutConsoleLog } from '../../../../drivers/qemu/console-log.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('the console’s log', () => {
  test('is cut in the middle when it grows too large', async () => {
    const path = join(await scratchFolder(), 'console.log');
    const limit = { largest: 100, keep: 10 };
    await writeFile(path, 'b'.repeat(100));
    await cutConsoleLog(path, limit);
    expect((await stat(path)).size).toBe(100);
    await appendFile(path, 'c');
    await cutConsoleLog(path, limit);
    await appendFile(path, 'the end');
    expect(await readFile(path, 'utf8')).toBe(
      `${'b'.repeat(10)}\n[vmtest: 91 bytes of console output left out]\nthe end`,
    );
  });
});
