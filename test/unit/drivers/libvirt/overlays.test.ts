import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeOverlays, poolsOf, removeVolumes, volumesOf } from '../../../../drivers/libvirt/overlays.ts';
import { parseXml, select, textOf } from '../../../../drivers/libvirt/xml.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { type Answer, poolTable, virshAnswers } from '../../../support/virsh-answers.ts';

const CLONE = 'vmtest-abcdefgh';
const POOLS = 'pool-list';

/** As `vol-list` of libvirt 9.0 prints it. */
const HEAD = ` Name                        Path
--------------------------------------------------------
`;
const EMPTY = `${HEAD}\n`;
const table = `${HEAD} disk.clean                  /i/disk.clean
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

test('pools are the rows of a table, whatever their names', () => {
  expect(poolsOf(poolTable('default', 'mine  too', "it's active"))).toEqual([
    'default',
    'mine  too',
    "it's active",
  ]);
  expect(poolsOf(poolTable())).toEqual([]);
});

describe('removing', () => {
  const looks: Record<string, Answer> = {
    [POOLS]: poolTable('default'),
    'pool-refresh --pool default': 'Pool default refreshed\n\n',
  };
  const removals = {
    [`vol-delete --pool default --vol ${CLONE}-vda.qcow2`]: '',
    [`vol-delete --pool default --vol ${CLONE}-vdb.qcow2`]: '',
    [`vol-delete --pool default --vol ${CLONE}-console.log`]: '',
  };
  /** One answer for each time. */
  const inTurn = (...answers: Answer[]) => ({
    get 'vol-list --pool default'(): Answer {
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? '';
    },
  });
  const withTurns = (more: Record<string, Answer>, turns: object) =>
    Object.defineProperties({ ...looks, ...more }, Object.getOwnPropertyDescriptors(turns));

  test('looks into every pool, and takes away what is the clone’s', async () => {
    const more = {
      ...removals,
      [POOLS]: poolTable('default', 'other'),
      'pool-refresh --pool other': 'Pool other refreshed\n\n',
      'vol-list --pool other': EMPTY,
    };
    const { context, asked } = virshAnswers(withTurns(more, inTurn(table, EMPTY)));
    await removeVolumes(CLONE, context);
    expect(asked.filter((command) => command.startsWith('vol-delete'))).toHaveLength(3);
    expect(asked).toContain('vol-list --pool other');
  });

  test('with nothing there is no error', async () => {
    await removeVolumes(CLONE, virshAnswers({ [POOLS]: poolTable() }).context);
  });

  test('bears a pool that libvirt gives up, as its folder is gone', async () => {
    let pools = ['lost'];
    const { context } = virshAnswers({
      get [POOLS]() {
        return poolTable(...pools);
      },
      get 'pool-refresh --pool lost'(): Answer {
        pools = [];
        return { stderr: "error: cannot open directory '/lost': No such file or directory\n" };
      },
    });
    await removeVolumes(CLONE, context);
  });

  test('says what could not be removed', async () => {
    const { context } = virshAnswers({
      ...looks,
      'vol-list --pool default': table,
      [`vol-delete --pool default --vol ${CLONE}-vda.qcow2`]: { stderr: 'error: cannot unlink\n' },
    });
    await expect(removeVolumes(CLONE, context)).rejects.toThrow(`removing ${CLONE}-vda.qcow2`);
  });

  test('believes no removal that did nothing', async () => {
    const { context } = virshAnswers({ ...looks, ...removals, 'vol-list --pool default': table });
    await expect(removeVolumes(CLONE, context)).rejects.toThrow(`${CLONE}-vda.qcow2 failed`);
  });

  test.each(['', 'null\n', '[]\n', 'WARNING: the answer is 42\n\n\n=\n:::\n'])(
    'takes %j for no list and for no look',
    async (noise) => {
      const good = { ...looks, 'vol-list --pool default': EMPTY };
      await removeVolumes(CLONE, virshAnswers(good).context);
      for (const asked of Object.keys(good)) {
        const { context } = virshAnswers({ ...good, [asked]: noise });
        await expect(removeVolumes(CLONE, context), asked).rejects.toThrow('is no answer');
      }
    },
  );

  test('a pool that can be looked at no more, and is there yet, is an error', async () => {
    const { context } = virshAnswers({ ...looks, 'vol-list --pool default': { stderr: 'error: ouch\n' } });
    await expect(removeVolumes(CLONE, context)).rejects.toThrow('ouch');
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
      [POOLS]: poolTable('default', 'mine'),
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
    const { context, asked } = virshAnswers({ [POOLS]: poolTable() });
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
        return looked === 1 ? poolTable() : poolTable(pool);
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
