import { describe, expect, test } from 'vitest';
import {
  domainSession,
  domainState,
  findDomain,
  listDomains,
  parseState,
} from '../../../../drivers/libvirt/inventory.ts';
import { type Answer, virshAnswers } from '../../../support/virsh-answers.ts';

/** As `dominfo` of libvirt 9.0 prints it. */
function dominfo(state: string, managedSave = 'no', name = 'in place 30750'): string {
  return `Id:             22
Name:           ${name}
UUID:           a0d907d9-46f5-474c-a658-f1d6fe12c748
OS Type:        hvm
State:          ${state}
CPU(s):         1
CPU time:       0.8s
Max memory:     131072 KiB
Used memory:    131072 KiB
Persistent:     yes
Autostart:      disable
Managed save:   ${managedSave}
Security model: none
Security DOI:   0
`;
}

describe('a state', () => {
  test.each([
    ['running', 'running'],
    ['idle', 'running'],
    ['paused', 'paused'],
    ['in shutdown', 'changing'],
    ['shut off', 'off'],
    ['crashed', 'broken'],
    ['pmsuspended', 'paused'],
    ['no state', 'changing'],
    ['', 'changing'],
  ])('%s is %s', (state, meaning) => {
    expect(parseState(dominfo(state))).toBe(meaning);
  });

  test('of a domain with a managed save is saved, unless it runs', () => {
    expect(parseState(dominfo('shut off', 'yes'))).toBe('saved');
    expect(parseState(dominfo('running', 'yes'))).toBe('running');
  });

  test('is not taken from a domain’s name', () => {
    expect(parseState(dominfo('shut off', 'no', 'x State: running'))).toBe('off');
  });
});

const ONE = 'a0d907d9-46f5-474c-a658-f1d6fe12c748';
const TWO = '8f6eb48c-14ff-4110-842e-81f6d7c8eb7e';
const LIST = 'list --all --uuid --name';
const odd = `a "q" & <b> ü 'x'`;
const list = `${ONE} 15\n${TWO} ${odd}\n\n`;

describe('the number of a start', () => {
  const session = (answer: Answer) =>
    domainSession({ id: ONE, name: '15' }, virshAnswers({ [`domid --domain ${ONE}`]: answer }).context);

  test('is a number, or a dash', async () => {
    expect(await session('22\n\n')).toBe('22');
    expect(await session('-\n\n')).toBe('-');
  });

  test.each(['', 'null\n', '\u0001 Segmentation fault (core dumped)\n', { stderr: 'error: gone\n' }])(
    'is not %j',
    async (answer) => {
      await expect(session(answer)).rejects.toThrow("asking for the domain's number");
    },
  );
});

test('domains are listed by UUID and name, whatever the names hold', async () => {
  expect(await listDomains(virshAnswers({ [LIST]: list }).context)).toEqual([
    { id: ONE, name: '15' },
    { id: TWO, name: odd },
  ]);
  expect(await listDomains(virshAnswers({ [LIST]: '\n' }).context)).toEqual([]);
});

describe('a domain’s state', () => {
  const vm = { id: ONE, name: '15' };
  const state = (answer: Answer, all: Answer = list) =>
    domainState(vm, virshAnswers({ [`dominfo --domain ${ONE}`]: answer, [LIST]: all }).context);
  const missing = { stderr: `error: failed to get domain '${ONE}'\n` };

  test('is what libvirt says, or nothing for one that is gone', async () => {
    expect(await state(dominfo('paused'))).toBe('paused');
    expect(await state(missing, `${TWO} ${odd}\n`)).toBeUndefined();
  });

  test('is not "gone" because libvirt is', async () => {
    const refused = {
      stderr:
        "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/s': Connection refused\n",
    };
    await expect(state(refused, refused)).rejects.toMatchObject({ code: 'LIBVIRT_NOT_RUNNING' });
  });

  test('that cannot be had from a domain that is there is an error of ours, busy as it may be', async () => {
    const locked = { stderr: 'error: Timed out during operation: cannot acquire state change lock\n' };
    await expect(state(locked)).rejects.toMatchObject({
      code: 'LIBVIRT_BUSY',
      message: expect.stringContaining('qemu:///system'),
    });
  });
});

describe('a domain', () => {
  const xml = `<domain type='qemu'><memory unit='KiB'>131072</memory><vcpu placement='static'>3</vcpu></domain>`;
  const snapshot = (name: string, parent: string) =>
    `<domainsnapshot><name>${name}</name>${parent}<creationTime>7</creationTime><memory snapshot='no'/></domainsnapshot>`;
  const answers = {
    [LIST]: list,
    [`dumpxml --inactive --security-info --domain ${ONE}`]: xml,
    [`dominfo --domain ${ONE}`]: dominfo('shut off'),
    [`snapshot-list --domain ${ONE} --name --topological`]: 'base\nclean one\n\n',
    [`snapshot-dumpxml --domain ${ONE} --snapshotname base`]: snapshot('base', ''),
    [`snapshot-dumpxml --domain ${ONE} --snapshotname clean one`]: snapshot(
      'clean one',
      '<parent><name>base</name></parent>',
    ),
  };

  test('is found by its name, also one that virsh would take for a number, and asked for by its UUID', async () => {
    const { context, asked } = virshAnswers(answers);
    expect(await findDomain('15', context)).toMatchObject({
      id: ONE,
      name: '15',
      state: 'off',
      memory: 128 * 1024 ** 2,
      cpus: 3,
      problems: [],
      snapshots: [{ path: 'base' }, { path: 'base/clean one', stamp: 'clean one:7' }],
    });
    expect(asked.filter((command) => /--domain 15\b/.test(command))).toEqual([]);
  });

  test('is found by its UUID, in capitals too', async () => {
    expect(await findDomain(ONE.toUpperCase(), virshAnswers(answers).context)).toMatchObject({ name: '15' });
  });

  test('is not found by part of a name, or by the number of a run', async () => {
    const missing = { stderr: "error: failed to get domain 'a'\n" };
    const { context } = virshAnswers({ [LIST]: list, 'domuuid --domain a': missing });
    expect(await findDomain('1', context)).toBeUndefined();
    expect(await findDomain('a', context)).toBeUndefined();
    expect(await findDomain('', context)).toBeUndefined();
  });

  test('is not given up as gone because of a list that came empty', async () => {
    const { context } = virshAnswers({ ...answers, [LIST]: '', 'domuuid --domain vmtest-a': `${ONE}\n\n` });
    expect(await findDomain('vmtest-a', context)).toMatchObject({ id: ONE, name: 'vmtest-a', state: 'off' });
  });

  test('that goes while it is looked at is gone; one that stays and says nothing is an error', async () => {
    const gone = { stderr: `error: failed to get domain '${ONE}'\n` };
    let looks = 0;
    const { context } = virshAnswers({
      ...answers,
      get [LIST]() {
        looks += 1;
        return looks === 1 ? list : `${TWO} ${odd}\n`;
      },
      [`dumpxml --inactive --security-info --domain ${ONE}`]: gone,
      [`dominfo --domain ${ONE}`]: gone,
    });
    expect(await findDomain('15', context)).toBeUndefined();

    const mute = { ...answers, [`dumpxml --inactive --security-info --domain ${ONE}`]: gone };
    await expect(findDomain('15', virshAnswers(mute).context)).rejects.toMatchObject({ code: 'VM_MISSING' });
  });

  test('that has crashed has a problem', async () => {
    const crashed = { ...answers, [`dominfo --domain ${ONE}`]: dominfo('crashed') };
    const found = await findDomain('15', virshAnswers(crashed).context);
    expect(found).toMatchObject({ state: 'broken', problems: [{ code: 'LIBVIRT_CRASHED' }] });
  });
});
