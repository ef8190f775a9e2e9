import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probeLibvirt } from '../../../../drivers/libvirt/probe.ts';
import { VmtestError } from '../../../../src/host/errors.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { type Answer, virshAnswers } from '../../../support/virsh-answers.ts';

/** As virsh 9.0 prints it. */
const VERSION = `Compiled against library: libvirt 9.0.0
Using library: libvirt 9.0.0
Using API: QEMU 9.0.0
Running hypervisor: QEMU 7.2.22
`;
const SESSION = 'virsh --connect qemu:///session --quiet version';
const refused = (why: string) => ({
  stderr: `error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/s': ${why}\n`,
});

function probe(answers: Readonly<Record<string, Answer>>, kvm = '/nowhere/kvm') {
  return probeLibvirt(virshAnswers(answers).context, kvm);
}

test('both of the local ones answer', async () => {
  expect(await probe({ 'virsh --version': '9.0.0\n', version: VERSION, [SESSION]: VERSION })).toEqual({
    available: true,
    version: '9.0.0',
    findings: ['virsh 9.0.0', 'qemu:///system: QEMU 7.2.22', 'qemu:///session: QEMU 7.2.22'],
    fixes: [],
  });
});

test.each([
  [0o600, 'is there for root alone'],
  [0o640, 'is there for root alone'],
  [0o660, undefined],
  [0o666, undefined],
])('a /dev/kvm of mode %o: %s', async (mode, told) => {
  const kvm = join(await scratchFolder(), 'kvm');
  await writeFile(kvm, '');
  await chmod(kvm, mode);
  const found = await probe({ 'virsh --version': '9.0.0\n', version: VERSION, [SESSION]: VERSION }, kvm);
  expect(found.available).toBe(true);
  expect(found.findings.slice(3)).toEqual(told === undefined ? [] : [expect.stringContaining(told)]);
  expect(found.fixes).toEqual(told === undefined ? [] : [expect.stringContaining(`chmod 660 ${kvm}`)]);
});

test('one that does not answer is told with the way to mend it; others may be had by a URI', async () => {
  const found = await probe({
    'virsh --version': '9.0.0\n',
    version: refused('Permission denied'),
    [SESSION]: VERSION,
  });
  expect(found.available).toBe(true);
  expect(found.findings[1]).toContain('libvirt does not let this user in');
  expect(found.fixes).toEqual([expect.stringContaining('adduser')]);
});

test('the same fix is told once', async () => {
  const nobody = refused('Connection refused');
  const found = await probe({ 'virsh --version': '9.0.0\n', version: nobody, [SESSION]: nobody });
  expect(found.fixes).toHaveLength(1);
});

test('one that hangs does not answer', async () => {
  const found = await probe({
    'virsh --version': '9.0.0\n',
    version: new VmtestError('TIMEOUT', 'virsh took longer than 5 s'),
    [SESSION]: 'odd\n',
  });
  expect(found.findings.slice(1)).toEqual([
    'qemu:///system: virsh took longer than 5 s',
    'qemu:///session: it answers',
  ]);
});

test('virsh is not installed', async () => {
  const found = await probe({ 'virsh --version': new VmtestError('COMMAND_NOT_FOUND', 'no virsh') });
  expect(found).toMatchObject({ available: false, fixes: [expect.stringContaining('libvirt-clients')] });
});

test('an abort is no finding', async () => {
  const { context } = virshAnswers({ 'virsh --version': new Error('killed') });
  const signal = AbortSignal.abort(new Error('interrupted'));
  await expect(probeLibvirt({ ...context, signal })).rejects.toThrow('interrupted');
});

test.each([
  [{ stderr: 'error: no space left on the moon\n' }, /does not work: .*no space left on the moon/],
  ['noise\n', /does not work: it said "noise\\n"/],
  [new VmtestError('COMMAND_NOT_FOUND', 'no virsh'), /is not installed/],
])('a virsh that does not work is not one that is missing: %j', async (answer, finding) => {
  expect(await probe({ 'virsh --version': answer })).toMatchObject({
    available: false,
    findings: [expect.stringMatching(finding)],
  });
});
