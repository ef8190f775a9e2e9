import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Disk } from '../../../../drivers/v86/machine/disk.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const SECTOR = 512;
const SECTORS = 24;

const writes = fc.array(
  fc
    .tuple(fc.nat(SECTORS - 1), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 255 }))
    .map(([sector, count, fill]) => ({ sector, count: Math.min(count, SECTORS - sector), fill })),
  { maxLength: 12 },
);
type Write = { sector: number; count: number; fill: number };

function write(disk: Disk, model: Buffer, { sector, count, fill }: Write): void {
  const data = new Uint8Array(count * SECTOR).fill(fill);
  disk.set(sector * SECTOR, data, () => {});
  model.set(data, sector * SECTOR);
}

const whole = (disk: Disk) => Buffer.from(disk.read(0, disk.byteLength));

test('reads what was written in any layer, and never touches the ones below', async () => {
  const folder = await scratchFolder();
  // The last sector is not whole.
  const content = Buffer.alloc(SECTORS * SECTOR - 100, 'image');
  const image = join(folder, 'image');
  await writeFile(image, content);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(writes, writes, writes, async (before, one, two) => {
      round += 1;
      const path = (name: string) => join(folder, `${name}-${round}`);
      const model = Buffer.concat([content, Buffer.alloc(100)]);
      const first = new Disk({ image, own: path('first') });
      for (const each of before) write(first, model, each);
      expect(whole(first)).toEqual(model);
      // As v86 does it: the state goes through a saved file.
      const state: [Uint8Array] = [first.get_state()[0].slice()];
      first.freeze(path('frozen'));
      for (const changes of [one, two]) {
        const clone = new Disk({ image, frozen: path('frozen'), own: path(`own${changes === one}`) });
        clone.set_state(state);
        const own = Buffer.from(model);
        expect(whole(clone)).toEqual(own);
        for (const each of changes) write(clone, own, each);
        expect(whole(clone)).toEqual(own);
      }
      expect(await readFile(image)).toEqual(content);
    }),
    { numRuns: 30 },
  );
});

test('a disk that is hardly written to takes hardly any room', async () => {
  const folder = await scratchFolder();
  const image = join(folder, 'image');
  await writeFile(image, Buffer.alloc(4 * 1024 ** 2, 'x'));
  const disk = new Disk({ image, own: join(folder, 'own') });
  disk.set(1024 ** 2, new Uint8Array(SECTOR).fill(1), () => {});
  disk.freeze(join(folder, 'frozen'));
  for (const name of ['own', 'frozen']) {
    expect((await stat(join(folder, name))).blocks * 512).toBeLessThan(64 * 1024);
  }
});

test('a machine that came from a saved state is not saved again', async () => {
  const folder = await scratchFolder();
  for (const name of ['image', 'frozen']) await writeFile(join(folder, name), Buffer.alloc(SECTOR));
  const layers = { image: join(folder, 'image'), frozen: join(folder, 'frozen'), own: join(folder, 'own') };
  expect(() => new Disk(layers).get_state()).toThrow('not saved again');
});
