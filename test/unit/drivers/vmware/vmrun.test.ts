import { describe, expect, test } from 'vitest';
import type { VmContext } from '../../../../drivers/vm/control.ts';
import { placesOfVmrun, placesOfVmx } from '../../../../drivers/vmware/places.ts';
import { probeVmware } from '../../../../drivers/vmware/probe.ts';
import { editionOf } from '../../../../drivers/vmware/programs.ts';
import { vmrun } from '../../../../drivers/vmware/vmrun.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import { timeoutError, VmtestError } from '../../../../src/host/errors.ts';
import { type Exec, type ExecResult, showArgv } from '../../../../src/host/exec.ts';
import type { Host } from '../../../../src/host/host.ts';
import { targetOf } from '../../../support/targets.ts';

const SECRETS = { guest: 'gu3st-pass', vm: 'vm-p4ss' };
const USAGE = '\nvmrun version 1.17.0 build-1\n\nUsage: vmrun [AUTHENTICATION-FLAGS] COMMAND [PARAMETERS]\n';
const never = new AbortController().signal;

const ended = (stdout: string, exitCode = 0, stderr = ''): ExecResult => ({
  exitCode,
  signal: undefined,
  stdout,
  stderr,
});

/** A host on which only the given programs are there; `answer` is for commands of vmrun. */
function hostWith(
  answer: (argv: readonly string[]) => ExecResult | Error,
  { banner = 'VMware Workstation 17.6.3 build-1', vmrun: present = true } = {},
): { host: Host; ran: string[][] } {
  const ran: string[][] = [];
  const exec: Exec = async (argv) => {
    const [program] = argv;
    if (program === 'vmware-vmx') return ended('', 0, `${banner}\n`);
    if (!/(?:^|\/)vmrun$/.test(program) || !present)
      throw new VmtestError('COMMAND_NOT_FOUND', `no ${program}`);
    if (argv.length === 1) return ended(USAGE, 255);
    ran.push([...argv]);
    const result = answer(argv);
    if (result instanceof Error) throw result;
    return result;
  };
  return { host: { ...createHost(), exec }, ran };
}

function contextOf(host: Host, options: Record<string, unknown> = {}): VmContext {
  const target = targetOf(
    'vmware',
    { vm: '/a.vmx', 'encryption-password': SECRETS.vm, ...options },
    { guest: { user: 'tester', password: SECRETS.guest } },
  );
  return { host, target, signal: never };
}

const call = { doing: 'doing it' };

describe('the command line', () => {
  test('flags come first, and names are one argument whatever is in them', async () => {
    const { host, ran } = hostWith(() => ended(''));
    const name = '-gp "$(x)" 100% ünï';
    await vmrun(contextOf(host), ['snapshot', '/a b.vmx', name], { ...call, inGuest: true });
    expect(ran).toEqual([
      [
        'vmrun',
        '-T',
        'ws',
        '-vp',
        SECRETS.vm,
        '-gu',
        'tester',
        '-gp',
        SECRETS.guest,
        'snapshot',
        '/a b.vmx',
        name,
      ],
    ]);
  });

  test('no passwords where none are needed', async () => {
    const { host, ran } = hostWith(() => ended(''));
    await vmrun(contextOf(host, { 'encryption-password': undefined }), ['list'], call);
    expect(ran).toEqual([['vmrun', '-T', 'ws', 'list']]);
  });

  test('a guest without a password cannot be logged in to', async () => {
    const { host } = hostWith(() => ended(''));
    const context = contextOf(host);
    const target = { ...context.target, guest: { ...context.target.guest, password: '' } };
    await expect(vmrun({ ...context, target }, ['x'], { ...call, inGuest: true })).rejects.toMatchObject({
      code: 'VMWARE_NO_GUEST_PASSWORD',
    });
  });
});

describe('passwords are nowhere in errors', () => {
  const failures: [string, (argv: readonly string[]) => ExecResult | Error][] = [
    ['what vmrun repeats', (argv) => ended(`Error: bad flag ${argv.join(' ')}\n`, 255)],
    ['on stderr', (argv) => ended('', 255, argv.join(' '))],
    ['a timeout', (argv) => timeoutError(`the command ${showArgv(argv)}`, 1000, { details: argv.join(' ') })],
    [
      'a program that does not start',
      (argv) =>
        new VmtestError('COMMAND_NOT_STARTED', 'no', {
          cause: Object.assign(new Error('x'), { spawnargs: argv }),
        }),
    ],
  ];

  test.each(failures)('%s', async (_what, answer) => {
    const { host } = hostWith(answer);
    const error = await vmrun(contextOf(host), ['list'], { ...call, inGuest: true }).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(VmtestError);
    const all = JSON.stringify([error.message, error.hint, error.details, error.stack, error.cause]);
    for (const secret of Object.values(SECRETS)) expect(all).not.toContain(secret);
  });
});

test('a vmrun that hangs is told from one that fails', async () => {
  const { host } = hostWith(() => timeoutError('the command', 1000));
  await expect(vmrun(contextOf(host), ['list'], call)).rejects.toMatchObject({
    code: 'VMWARE_TIMEOUT',
    message: 'doing it took longer than 60 s',
    hint: expect.stringContaining('question'),
  });
});

describe('what is installed', () => {
  test('probe tells the product, and where vmrun is', async () => {
    const { host } = hostWith(() => ended(''));
    expect(await probeVmware({ host, signal: never })).toEqual({
      available: true,
      version: '17.6.3',
      findings: ['VMware Workstation 17.6.3, vmrun version 1.17.0 build-1'],
      fixes: [],
    });
  });

  test('Player is told apart, and what it lacks', async () => {
    const { host, ran } = hostWith(() => ended(''), { banner: 'VMware Player 16.2.4 build-1' });
    expect(await probeVmware({ host, signal: never })).toMatchObject({
      findings: [expect.any(String), expect.stringContaining('neither snapshots nor clones')],
    });
    await vmrun(contextOf(host, { 'encryption-password': undefined }), ['list'], call);
    expect(ran).toEqual([['vmrun', '-T', 'player', 'list']]);
  });

  test('nothing', async () => {
    const { host } = hostWith(() => ended(''), { vmrun: false });
    expect(await probeVmware({ host, signal: never })).toMatchObject({
      available: false,
      findings: ['vmrun was not found'],
    });
    await expect(vmrun(contextOf(host), ['list'], call)).rejects.toMatchObject({ code: 'VMWARE_MISSING' });
  });

  test('the edition of a target wins', async () => {
    const { host, ran } = hostWith(() => ended(''));
    await vmrun(contextOf(host, { edition: 'fusion' }), ['list'], call);
    expect(ran[0]?.slice(0, 3)).toEqual(['vmrun', '-T', 'fusion']);
    expect(editionOf(undefined, 'darwin')).toBe('fusion');
    expect(editionOf(undefined, 'win32')).toBe('ws');
  });

  test('where VMware installs its programs', () => {
    expect(placesOfVmrun('darwin', { FUSION_APP_PATH: '/Apps/Fusion.app' })[0]).toBe(
      '/Apps/Fusion.app/Contents/Library/vmrun',
    );
    expect(placesOfVmrun('win32', { 'ProgramFiles(x86)': 'C:\\Program Files (x86)' })[0]).toBe(
      'C:\\Program Files (x86)\\VMware\\VMware Workstation\\vmrun.exe',
    );
    expect(placesOfVmx('linux', {}, '/usr/bin/vmrun')).toEqual([
      '/usr/bin/vmware-vmx',
      '/usr/lib/vmware/bin/vmware-vmx',
    ]);
    expect(placesOfVmx('win32', {}, 'D:\\vm\\vmrun.exe')).toContain('D:\\vm\\x64\\vmware-vmx.exe');
  });
});
