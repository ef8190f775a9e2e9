import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { consoleTail, cutConsoleLog } from '../../../../drivers/qemu/console-log.ts';
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

  test('shows its end without what a terminal would obey', async () => {
    const path = join(await scratchFolder(), 'console.log');
    await writeFile(path, `${'x'.repeat(10_000)}\n\x1b[31mpanic\x07 \u009b2J\u202e– ok\r\n`);
    const tail = await consoleTail(path);
    expect(tail.length).toBeLessThanOrEqual(4096);
    expect(tail).toMatch(/x\n\[31mpanic 2J– ok\n$/);
    expect(await consoleTail(`${path}.not`)).toBe('');
  });
});
