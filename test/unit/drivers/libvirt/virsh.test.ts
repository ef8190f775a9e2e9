import { expect, test } from 'vitest';
import { tryVirsh, virsh } from '../../../../drivers/libvirt/virsh.ts';
import { VmtestError } from '../../../../src/host/errors.ts';
import { virshAnswers } from '../../../support/virsh-answers.ts';

const SSH = 'qemu+ssh://root@kvm-1/system?no_tty=1';

test('the URI that is meant goes with every command', async () => {
  const { context } = virshAnswers({ 'start --domain a': 'Domain started\n' }, SSH);
  expect(await virsh('starting it', ['start', '--domain', 'a'], context)).toBe('Domain started\n');
});

test('a failure names what was done, where, and why', async () => {
  const { context } = virshAnswers({ x: { stderr: 'error: Failed\nerror: no such thing\n' } }, SSH);
  await expect(virsh('starting it', ['x'], context)).rejects.toMatchObject({
    code: 'LIBVIRT_FAILED',
    message: `starting it (${SSH}) failed: no such thing`,
  });
  expect(await tryVirsh(['x'], context)).toMatchObject({ exitCode: 1 });
});

test('a virsh that is not installed is said so, with the way to have it', async () => {
  const { context } = virshAnswers({ x: new VmtestError('COMMAND_NOT_FOUND', 'no virsh') });
  await expect(tryVirsh(['x'], context)).rejects.toMatchObject({
    code: 'LIBVIRT_MISSING',
    hint: expect.stringContaining('apt-get install'),
  });
});

test('a command that takes too long, or is aborted, says that itself', async () => {
  const { context } = virshAnswers({ x: new VmtestError('TIMEOUT', 'too long') });
  await expect(virsh('starting it', ['x'], context)).rejects.toMatchObject({ code: 'TIMEOUT' });
});
