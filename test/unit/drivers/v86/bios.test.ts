import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findBios, installSeabios } from '../../../../drivers/v86/bios.ts';
import { scratchFolder } from '../../../support/scratch.ts';

test('the usual folders are searched in turn, the small BIOS is preferred', async () => {
  const [empty, full] = [await scratchFolder(), await scratchFolder()];
  for (const name of ['bios-256k.bin', 'vgabios-stdvga.bin']) await writeFile(join(full, name), '');
  const vgaBios = join(full, 'vgabios-stdvga.bin');
  expect(await findBios({}, [empty, full])).toEqual({
    value: { bios: join(full, 'bios-256k.bin'), vgaBios },
  });
  await writeFile(join(full, 'bios.bin'), '');
  expect(await findBios({}, [empty, full])).toEqual({ value: { bios: join(full, 'bios.bin'), vgaBios } });
});

test('what is missing is named, with the command that mends it', async () => {
  const empty = await scratchFolder();
  const found = await findBios({}, [empty]);
  expect(found).toMatchObject({
    problems: [
      {
        code: 'V86_BIOS_MISSING',
        message: expect.stringContaining('bios.bin'),
        hint: expect.stringMatching(/install/i),
      },
      { code: 'V86_BIOS_MISSING', message: expect.stringContaining('vgabios-stdvga.bin') },
    ],
  });
  expect(installSeabios('linux')).toContain('sudo apt install seabios');
});

test('files that the target names are taken, and missed when they are not there', async () => {
  const folder = await scratchFolder();
  const own = join(folder, 'own.bin');
  await writeFile(own, '');
  expect(await findBios({ bios: own, vgaBios: own }, [])).toEqual({ value: { bios: own, vgaBios: own } });
  expect(await findBios({ bios: own, vgaBios: '/nowhere' }, [])).toMatchObject({
    problems: [{ code: 'V86_BIOS_MISSING', message: '`vga-bios`: /nowhere cannot be read' }],
  });
});
