import { describe, expect, test } from 'vitest';
import { giveUpPool, inPool, poolsOf } from '../../../../drivers/libvirt/pools.ts';
import { type Answer, poolTable, poolXml, virshAnswers } from '../../../support/virsh-answers.ts';

const FOLDER = '/i';
/** By the hash of its folder. */
const OURS = 'vmtest-08cdee5c';
const CREATE = `pool-create-as --name ${OURS} --type dir --target ${FOLDER}`;
const MISSING = { stderr: `error: Storage pool not found: no storage pool with matching name '${OURS}'\n` };

/** A libvirt that has the pool or has it not, made anew with another UUID each time. */
function libvirt({ exists = false, create = () => '', destroy = () => '' }: Partial<Course> = {}) {
  let made = 1;
  const state = { exists };
  const answers = {
    get 'pool-list'() {
      return poolTable('default', ...(state.exists ? [OURS] : []));
    },
    'pool-dumpxml --pool default': poolXml('/elsewhere'),
    get [`pool-dumpxml --pool ${OURS}`](): Answer {
      return state.exists ? poolXml(FOLDER, `uuid-${made}`) : MISSING;
    },
    get [CREATE](): Answer {
      return create(() => {
        made += 1;
        state.exists = true;
      });
    },
    get 'pool-destroy --pool uuid-1'(): Answer {
      if (made !== 1) return MISSING;
      return destroy(() => {
        state.exists = false;
      });
    },
  };
  return { state, ...virshAnswers(answers) };
}

interface Course {
  exists: boolean;
  create(doIt: () => void): Answer;
  destroy(doIt: () => void): Answer;
}

/** What is asked is done, whatever is answered then. */
function done(answer: Answer): Course['create'] {
  return (doIt) => {
    doIt();
    return answer;
  };
}

test('pools are the rows of a table, whatever their names', () => {
  expect(poolsOf(poolTable('default', 'mine  too', "it's active"))).toEqual([
    'default',
    'mine  too',
    "it's active",
  ]);
  expect(poolsOf(poolTable())).toEqual([]);
});

describe('work in the pool of a folder', () => {
  const nameOf = async ({ name }: { name: string }) => name;

  test('finds somebody’s pool', async () => {
    const { context } = libvirt();
    expect(await inPool('/elsewhere/', context, nameOf)).toBe('default');
  });

  test('has one made where there is none', async () => {
    const { context } = libvirt({ create: done('') });
    expect(await inPool(FOLDER, context, nameOf)).toBe(OURS);
  });

  test('bears that another cell was quicker', async () => {
    const { context } = libvirt({
      create: done({ stderr: `error: operation failed: pool '${OURS}' already exists\n` }),
    });
    expect(await inPool(FOLDER, context, nameOf)).toBe(OURS);
  });

  test('tries again when libvirt says that it made one, and made none', async () => {
    const { context } = libvirt({
      create: (() => {
        let tries = 0;
        return (doIt) => {
          tries += 1;
          if (tries > 1) doIt();
          return '';
        };
      })(),
    });
    expect(await inPool(FOLDER, context, nameOf)).toBe(OURS);
    await expect(inPool(FOLDER, libvirt().context, nameOf)).rejects.toThrow('nothing was done');
  });

  test.each([
    ["cannot open directory '/i': No such file or directory", 'LIBVIRT_NO_FOLDER'],
    ["operation failed: Storage source conflict with pool: 'mine'", 'LIBVIRT_POOL_OFF'],
    ['ouch', 'LIBVIRT_FAILED'],
  ])('says why there can be none: %s', async (words, code) => {
    const { context } = libvirt({ create: () => ({ stderr: `error: ${words}\n` }) });
    await expect(inPool(FOLDER, context, nameOf)).rejects.toMatchObject({ code });
  });

  test('is done again when the pool was given up by another cell meanwhile', async () => {
    const { context, state } = libvirt({ exists: true, create: done('') });
    const seen: string[] = [];
    const outcome = await inPool(FOLDER, context, async ({ uuid }) => {
      seen.push(uuid);
      if (seen.length === 1) {
        state.exists = false;
        throw new Error('Storage pool not found');
      }
      return 'done';
    });
    expect([outcome, seen]).toEqual(['done', ['uuid-1', 'uuid-2']]);
  });

  test('is not done again for other reasons, nor for ever', async () => {
    const there = libvirt({ exists: true });
    let times = 0;
    const fail = async () => {
      times += 1;
      throw new Error('ouch');
    };
    await expect(inPool(FOLDER, there.context, fail)).rejects.toThrow('ouch');
    expect(times).toBe(1);

    const fleeting = libvirt({ create: done('') });
    const lose = async () => {
      fleeting.state.exists = false;
      return fail();
    };
    await expect(inPool(FOLDER, fleeting.context, lose)).rejects.toThrow('ouch');
    expect(times).toBe(6);
  });
});

describe('a pool that is given up', () => {
  const pool = { name: OURS, uuid: 'uuid-1' };

  test('is gone', async () => {
    const { context, state } = libvirt({ exists: true, destroy: done('') });
    await giveUpPool(pool, FOLDER, context);
    expect(state.exists).toBe(false);
  });

  test('is one of ours', async () => {
    const { context, asked } = libvirt({ exists: true });
    await giveUpPool({ name: 'default', uuid: 'uuid-9' }, '/elsewhere', context);
    expect(asked).toEqual([]);
  });

  test('stays while a volume is being made in it', async () => {
    const { context, asked } = libvirt({
      exists: true,
      destroy: () => ({ stderr: `error: internal error: pool '${OURS}' has asynchronous jobs running.\n` }),
    });
    await giveUpPool(pool, FOLDER, context);
    expect(asked).toHaveLength(1);
  });

  test('may have been given up, and made anew, by another cell', async () => {
    const { context, state } = libvirt({
      exists: true,
      destroy: done(MISSING),
      create: done(''),
    });
    await giveUpPool(pool, FOLDER, context);
    expect(state.exists).toBe(false);
    await inPool(FOLDER, context, async () => {});
    await giveUpPool(pool, FOLDER, context);
    expect(state.exists).toBe(true);
  });

  test('that stays is an error: nobody else would end it', async () => {
    const failing = libvirt({ exists: true, destroy: () => ({ stderr: 'error: ouch\n' }) });
    await expect(giveUpPool(pool, FOLDER, failing.context)).rejects.toThrow('ouch');
    const lying = libvirt({ exists: true });
    await expect(giveUpPool(pool, FOLDER, lying.context)).rejects.toThrow('nothing was done');
  });
});
