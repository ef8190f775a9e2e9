import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clonesFiles, filesOf, makeOverlays, removeVolumes } from '../../../../drivers/libvirt/overlays.ts';
import { parseXml, select, textOf } from '../../../../drivers/libvirt/xml.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { type Answer, poolTable, poolXml, virshAnswers } from '../../../support/virsh-answers.ts';

const CLONE = 'vmtest-abcdefgh';
const FOLDER = '/i';
/** By the hash of its folder. */
const OURS = 'vmtest-08cdee5c';

/** As `vol-list` of libvirt 9.0 prints it. */
const HEAD = ` Name                        Path
--------------------------------------------------------
`;
const EMPTY = `${HEAD}\n`;
const OTHERS = `${HEAD} disk.clean                  /i/disk.clean
 ${CLONE}x-vda.qcow2  /i/${CLONE}x-vda.qcow2
 vmtest-hgfedcba-vda.qcow2   /i/vmtest-hgfedcba-vda.qcow2
 vmtest-hgfedcba-console.log   /i/vmtest-hgfedcba-console.log
 mine ${CLONE}-vda.qcow2 /i/x
 vmtest-base.qcow2   /i/vmtest-base.qcow2
 ${CLONE}-notes.txt   /i/${CLONE}-notes.txt
`;
const table = `${OTHERS} ${CLONE}-vda.qcow2   /i/${CLONE}-vda.qcow2
 ${CLONE}-vdb.qcow2   /i/${CLONE}-vdb.qcow2
 ${CLONE}-console.log   /i/${CLONE}-console.log
`;

test('files of a clone are those that it made, and no others', () => {
  const others = [`${CLONE}x-vda.qcow2`, 'vmtest-hgfedcba-vda.qcow2', 'vmtest-hgfedcba-console.log'];
  const ours = [`${CLONE}-vda.qcow2`, `${CLONE}-vdb.qcow2`, `${CLONE}-console.log`];
  expect(clonesFiles(table)).toEqual([...others, ...ours]);
  expect(filesOf(CLONE, clonesFiles(table))).toEqual(ours);
  expect(clonesFiles('')).toEqual([]);
});

describe('removing', () => {
  const looks: Record<string, Answer> = {
    'pool-list': poolTable('default'),
    'pool-dumpxml --pool default': poolXml(FOLDER),
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

  test('looks into the folder’s pool, takes away what is the clone’s, and leaves somebody’s pool', async () => {
    const more = {
      ...removals,
      'pool-list': poolTable('other', 'default'),
      'pool-dumpxml --pool other': poolXml('/elsewhere'),
    };
    const { context, asked } = virshAnswers(withTurns(more, inTurn(table, EMPTY)));
    await removeVolumes(CLONE, [FOLDER], context);
    expect(asked.filter((command) => command.startsWith('vol-delete'))).toHaveLength(3);
    expect(asked.filter((command) => command.includes('--pool other'))).toHaveLength(1);
  });

  test('asks nothing of a clone that never came to have files', async () => {
    const { context, asked } = virshAnswers({});
    await removeVolumes(CLONE, [], context);
    expect(asked).toEqual([]);
  });

  test('bears a folder that is gone, with its pool', async () => {
    let pools = ['lost'];
    const { context, asked } = virshAnswers({
      get 'pool-list'() {
        return poolTable(...pools);
      },
      'pool-dumpxml --pool lost': poolXml(FOLDER),
      get 'pool-refresh --pool lost'(): Answer {
        pools = [];
        return { stderr: "error: cannot open directory '/i': No such file or directory\n" };
      },
      [`pool-create-as --name ${OURS} --type dir --target ${FOLDER}`]: {
        stderr:
          "error: Failed to create pool\nerror: cannot open directory '/i': No such file or directory\n",
      },
    });
    await removeVolumes(CLONE, [FOLDER], context);
    expect(asked).toContain('pool-refresh --pool lost');
  });

  test('says what could not be removed', async () => {
    const { context } = virshAnswers({
      ...looks,
      'vol-list --pool default': table,
      [`vol-delete --pool default --vol ${CLONE}-vda.qcow2`]: { stderr: 'error: cannot unlink\n' },
    });
    await expect(removeVolumes(CLONE, [FOLDER], context)).rejects.toThrow(`removing ${CLONE}-vda.qcow2`);
  });

  test('believes no removal that did nothing', async () => {
    const { context } = virshAnswers({ ...looks, ...removals, 'vol-list --pool default': table });
    await expect(removeVolumes(CLONE, [FOLDER], context)).rejects.toThrow(`${CLONE}-vda.qcow2 failed`);
  });

  test.each(['', 'null\n', '[]\n', 'WARNING: the answer is 42\n\n\n=\n:::\n'])(
    'takes %j for no list and for no look',
    async (noise) => {
      const good = { ...looks, 'vol-list --pool default': EMPTY };
      await removeVolumes(CLONE, [FOLDER], virshAnswers(good).context);
      for (const asked of Object.keys(good)) {
        const { context } = virshAnswers({ ...good, [asked]: noise });
        await expect(removeVolumes(CLONE, [FOLDER], context), asked).rejects.toThrow('is no answer');
      }
    },
  );

  test('a pool that can be looked at no more, and is there yet, is an error', async () => {
    const { context } = virshAnswers({ ...looks, 'vol-list --pool default': { stderr: 'error: ouch\n' } });
    await expect(removeVolumes(CLONE, [FOLDER], context)).rejects.toThrow('ouch');
  });

  describe('the last file of a pool of ours', () => {
    const ours = {
      'pool-list': poolTable(OURS),
      [`pool-dumpxml --pool ${OURS}`]: poolXml(FOLDER, 'uuid-1'),
      [`pool-refresh --pool ${OURS}`]: `Pool ${OURS} refreshed\n\n`,
      [`vol-list --pool ${OURS}`]: EMPTY,
    };

    test('takes the pool with it', async () => {
      let pools = [OURS];
      const { context, asked } = virshAnswers({
        ...ours,
        get 'pool-list'() {
          return poolTable(...pools);
        },
        get 'pool-destroy --pool uuid-1'(): Answer {
          pools = [];
          return '';
        },
      });
      await removeVolumes(CLONE, [FOLDER], context);
      expect(asked.filter((command) => command.startsWith('pool-destroy'))).toHaveLength(1);
    });

    test('leaves it to another clone that has one', async () => {
      const { context } = virshAnswers({ ...ours, [`vol-list --pool ${OURS}`]: OTHERS });
      await removeVolumes(CLONE, [FOLDER], context);
    });
  });
});

describe('making', () => {
  const file = `/images/a "q" & <b> 'ü'/disk.clean`;
  const folder = `/images/a "q" & <b> 'ü'`;
  const disks = [{ target: 'vda', file, format: 'raw' }];

  test('uses the pool of the base’s folder, and says what it is an overlay of', async () => {
    const scratch = await scratchFolder();
    const xml = join(scratch, `${CLONE}-vda.qcow2.xml`);
    const { context } = virshAnswers({
      'pool-list': poolTable('default', 'mine'),
      'pool-dumpxml --pool default': poolXml('/images'),
      'pool-dumpxml --pool mine': poolXml(`${folder}/`),
      'pool-refresh --pool mine': '',
      [`vol-dumpxml --vol ${file}`]: "<volume><capacity unit='bytes'>67108864</capacity></volume>",
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
});
