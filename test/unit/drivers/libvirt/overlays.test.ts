import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeOverlays, removeVolumes, volumesOf } from '../../../../drivers/libvirt/overlays.ts';
import { parseXml, select, textOf } from '../../../../drivers/libvirt/xml.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { virshAnswers } from '../../../support/virsh-answers.ts';

const CLONE = 'vmtest-abcdefgh';
const POOLS = 'pool-list --name';

/** As `vol-list` of libvirt 9.0 prints it, quiet. */
const table = ` disk.clean                  /i/disk.clean
 ${CLONE}-vda.qcow2   /i/${CLONE}-vda.qcow2
 ${CLONE}-vdb.qcow2   /i/${CLONE}-vdb.qcow2
 ${CLONE}2-vda.qcow2  /i/${CLONE}2-vda.qcow2
 vmtest-hgfedcba-vda.qcow2   /i/vmtest-hgfedcba-vda.qcow2
 mine ${CLONE}-vda.qcow2 /i/x
 ${CLONE}-notes.txt   /i/${CLONE}-notes.txt
 ${CLONE}-console.log   /i/${CLONE}-console.log
 ${CLONE}2-console.log  /i/${CLONE}2-console.log
`;

test('volumes of a clone are those that it made, and no others', () => {
  expect(volumesOf(CLONE, table)).toEqual([
    `${CLONE}-vda.qcow2`,
    `${CLONE}-vdb.qcow2`,
    `${CLONE}-console.log`,
  ]);
  expect(volumesOf(CLONE, '')).toEqual([]);
});

describe('removing', () => {
  test('looks into every pool, and takes away what is the clone’s', async () => {
    const { context, asked } = virshAnswers({
      [POOLS]: 'default   \nother\n\n',
      'pool-refresh --pool default': '',
      'pool-refresh --pool other': { stderr: 'error: cannot open directory\n' },
      'vol-list --pool default': table,
      'vol-list --pool other': { stderr: "error: storage pool 'other' is not active\n" },
      [`vol-delete --pool default --vol ${CLONE}-vda.qcow2`]: '',
      [`vol-delete --pool default --vol ${CLONE}-vdb.qcow2`]: '',
      [`vol-delete --pool default --vol ${CLONE}-console.log`]: '',
    });
    await removeVolumes(CLONE, context);
    expect(asked.filter((command) => command.startsWith('vol-delete'))).toHaveLength(3);
  });

  test('with nothing there is no error', async () => {
    await removeVolumes(CLONE, virshAnswers({ [POOLS]: '\n' }).context);
  });

  test('says what could not be removed', async () => {
    const { context } = virshAnswers({
      [POOLS]: 'default\n',
      'pool-refresh --pool default': '',
      'vol-list --pool default': table,
      [`vol-delete --pool default --vol ${CLONE}-vda.qcow2`]: { stderr: 'error: cannot unlink\n' },
    });
    await expect(removeVolumes(CLONE, context)).rejects.toThrow(`removing ${CLONE}-vda.qcow2`);
  });
});

describe('making', () => {
  const file = `/images/a "q" & <b> 'ü'/disk.clean`;
  const folder = `/images/a "q" & <b> 'ü'`;
  const escaped = folder.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const looks = (pool: string) => ({
    [`pool-refresh --pool ${pool}`]: '',
    [`vol-dumpxml --vol ${file}`]: "<volume><capacity unit='bytes'>67108864</capacity></volume>",
  });
  const disks = [{ target: 'vda', file, format: 'raw' }];

  test('uses the pool of the base’s folder, and says what it is an overlay of', async () => {
    const scratch = await scratchFolder();
    const xml = join(scratch, `${CLONE}-vda.qcow2.xml`);
    const { context } = virshAnswers({
      [POOLS]: 'default\nmine\n',
      'pool-dumpxml --pool default': '<pool><target><path>/images</path></target></pool>',
      'pool-dumpxml --pool mine': `<pool><target><path>${escaped}/</path></target></pool>`,
      ...looks('mine'),
      [`vol-create --pool mine --file ${xml}`]: '',
    });
    const made = await makeOverlays({ name: CLONE, folder: scratch }, disks, context);
    expect([...made]).toEqual([['vda', `${folder}/${CLONE}-vda.qcow2`]]);
    const volume = parseXml(await readFile(xml, 'utf8'));
    expect(textOf(volume, 'volume/name')).toBe(`${CLONE}-vda.qcow2`);
    expect(textOf(volume, 'volume/capacity')).toBe('67108864');
    expect(textOf(volume, 'volume/backingStore/path')).toBe(file);
    expect(select(volume, 'volume/backingStore/format')[0]?.attribs).toEqual({ type: 'raw' });
  });

  test('makes a pool where there is none, and bears that another cell was quicker', async () => {
    const scratch = await scratchFolder();
    const { context, asked } = virshAnswers({ [POOLS]: '\n' });
    await expect(makeOverlays({ name: CLONE, folder: scratch }, disks, context)).rejects.toThrow('recorded');
    const create = asked.at(-1) ?? '';
    const [, pool = ''] =
      /^pool-create-as --name (vmtest-[\da-f]{8}) --type dir --target (.*)$/.exec(create) ?? [];
    expect(create.endsWith(folder)).toBe(true);

    let looked = 0;
    const quicker = virshAnswers({
      [create]: { stderr: `error: operation failed: pool '${pool}' already exists\n` },
      get [POOLS]() {
        looked += 1;
        return looked === 1 ? '\n' : `${pool}\n`;
      },
      ...looks(pool),
      [`vol-create --pool ${pool} --file ${join(scratch, `${CLONE}-vda.qcow2.xml`)}`]: '',
    });
    expect(await makeOverlays({ name: CLONE, folder: scratch }, disks, quicker.context)).toHaveProperty(
      'size',
      1,
    );
  });
});
