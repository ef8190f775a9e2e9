import { describe, expect, it } from 'vitest';
import { probe } from '../../../../drivers/virtualbox/probe.ts';
import {
  candidates,
  localeFor,
  manage,
  saysError,
  splitWarnings,
} from '../../../../drivers/virtualbox/tool.ts';
import { isNewer, isTooOld, parseVersion } from '../../../../drivers/virtualbox/version.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import { VmtestError } from '../../../../src/host/errors.ts';
import type { ExecResult } from '../../../../src/host/exec.ts';
import type { Host } from '../../../../src/host/host.ts';

const signal = new AbortController().signal;

const WARNING = `WARNING: The character device /dev/vboxdrv does not exist.
\t Please install the virtualbox-dkms package and the appropriate
\t headers, most likely linux-headers-amd64.

\t You will not be able to start VMs until this problem is fixed.
`;

function answering(answers: Record<string, Partial<ExecResult>>): Host {
  return {
    ...createHost(),
    exec: async ([, ...args]) => {
      const answer = answers[args.join(' ')];
      if (!answer) throw new VmtestError('COMMAND_NOT_FOUND', 'not here');
      return { exitCode: 0, signal: undefined, stdout: '', stderr: '', ...answer };
    },
  };
}

describe('finding the tool', () => {
  it('looks where the Windows installer says, then where it usually puts it', () => {
    const env = { VBOX_MSI_INSTALL_PATH: 'D:\\VB\\;E:\\VB', ProgramFiles: 'C:\\Program Files' };
    expect(candidates('win32', env)).toEqual([
      'VBoxManage',
      'D:\\VB\\VBoxManage.exe',
      'E:\\VB\\VBoxManage.exe',
      'C:\\Program Files\\Oracle\\VirtualBox\\VBoxManage.exe',
    ]);
    expect(candidates('darwin', {})).toContain('/usr/local/bin/VBoxManage');
    expect(candidates('linux', {})).toEqual(['VBoxManage']);
  });

  it('speaks UTF-8 everywhere', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      expect(localeFor(platform)['LC_ALL']).toMatch(/UTF-8$/);
  });
});

describe('versions', () => {
  it.each([
    ['7.1.12r169651', '7.1.12'],
    ['6.1.38_Ubuntur153438', '6.1.38'],
    ['7.2.22_Debianr175245', '7.2.22'],
    ['4.1.8r1234_OSE', '4.1.8'],
    ['7.2.22_Debian', '7.2.22'],
  ])('reads %s', (text, version) => {
    expect(parseVersion(`${text}\n`)).toBe(version);
  });

  it.each(['', 'VirtualBox', 'bash: no', '7'])('reads none in %j', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('knows the range', () => {
    expect(['5.2.44', '6.0.24', '6.1.0', '7.2.22', '10.0.0'].map(isTooOld)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(['7.2.99', '7.3.0', '10.0.0'].map(isNewer)).toEqual([false, true, true]);
  });
});

describe('output', () => {
  it('is told from the warning of the wrapper script', () => {
    expect(splitWarnings(`${WARNING}"vm" {id}\n`)).toEqual({ warnings: WARNING, stdout: '"vm" {id}\n' });
    expect(splitWarnings(`${WARNING}${WARNING}x`)).toMatchObject({ stdout: 'x' });
    expect(splitWarnings('name="WARNING: x"\n')).toEqual({ warnings: '', stdout: 'name="WARNING: x"\n' });
  });

  it('may say that it failed and exit with 0', async () => {
    const stderr =
      'VBoxManage: error: Cannot discard the saved state as the machine is not in the Saved state\n';
    const host = answering({ 'discardstate vm': { stderr } });
    await expect(manage(host, ['discardstate', 'vm'], { signal, doing: 'x' })).rejects.toMatchObject({
      code: 'VIRTUALBOX_COMMAND_FAILED',
    });
    expect(saysError('0%...10%...100%\n')).toBe(false);
    expect(saysError('VBoxManage.exe: error: no\n')).toBe(true);
  });
});

describe('probe', () => {
  const probing = (answers: Record<string, Partial<ExecResult>>) =>
    probe({ host: answering(answers), signal });

  it('tells the version and how many VMs there are', async () => {
    const found = await probing({
      '--version': { stdout: '7.2.22_Debianr175245\n' },
      'list vms': { stdout: '"a" {18a87f1c-046c-4e39-8e95-bff5a6c82de5}\n' },
    });
    expect(found).toMatchObject({ available: true, version: '7.2.22', fixes: [] });
    expect(found.findings).toEqual(['VirtualBox 7.2.22, 1 VM of this user']);
  });

  it.each([
    ['the tool is missing', {}, /VBoxManage was not found/],
    ['the driver is missing', { '--version': { stdout: `${WARNING}7.2.22r1\n` } }, /vboxdrv/],
    ['it is too old', { '--version': { stdout: '5.2.44r139111\n' } }, /too old/],
    ['only the wrapper is there', { '--version': { exitCode: 126 } }, /half installed/],
    ['it says nonsense', { '--version': { stdout: 'what?' } }, /what\?/],
    [
      'its service is dead',
      {
        '--version': { stdout: '7.0.6r1\n' },
        'list vms': { exitCode: 1, stderr: 'VBoxManage: error: Failed to create the VirtualBox object!\n' },
      },
      /VBoxSVC/,
    ],
  ])('says what is wrong when %s', async (_why, answers, finding) => {
    const found = await probing(answers);
    expect(found.available).toBe(false);
    expect(found.findings.join()).toMatch(finding);
  });
});
