import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { qemuDriver } from '../../drivers/qemu/driver.ts';
import type { GuestSettings } from '../../matrix/model.ts';
import { tinyGuest } from '../support/guests.ts';
import { engineProcesses } from '../support/processes.ts';
import { targetOf } from '../support/targets.ts';
import { testHost } from '../support/test-host.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('qemu', { realGuest: true }, async () => {
  const { kernel, initrd, append, key } = await tinyGuest();
  const host = await testHost();
  const machine = { memory: 128 * 1024 ** 2, guest: { key, channel: 'agent' as const } };
  const boot = { kernel, initrd, append };
  const cold = (words: string, guest: Partial<GuestSettings>) =>
    targetOf('qemu', { ...boot, append: `${append} ${words}` }, { ...machine, snapshot: 'none', guest });
  const missing = '/nowhere/disk.qcow2';
  return {
    driver: qemuDriver,
    target: targetOf('qemu', boot, machine),
    host,
    broken: [
      { why: 'no image', target: targetOf('qemu', { image: missing }, machine), code: 'QEMU_FILE_MISSING' },
      {
        why: 'no kernel',
        target: targetOf('qemu', { ...boot, kernel: missing }, machine),
        code: 'QEMU_FILE_MISSING',
      },
      {
        why: 'no engine',
        target: targetOf('qemu', { ...boot, binary: '/nowhere/qemu' }, machine),
        code: 'QEMU_PROGRAM_MISSING',
      },
    ],
    unreachable: [
      {
        why: 'wrong credentials',
        target: cold('', { channel: 'ssh', password: 'wrong' }),
        says: /does not let root in/,
      },
      { why: 'no tools', target: cold('tiny.agent=0', { channel: 'agent' }), says: /guest agent/ },
      {
        why: 'nobody answers',
        target: cold('tiny.sshd=0', { channel: 'ssh', key }),
        says: /ssh: 127\.0\.0\.1:\d+/,
      },
    ],
    leftovers: async () => {
      const machines = await readdir(join(host.paths.state, 'machines')).catch(() => []);
      return [...machines, ...(await engineProcesses(host.paths.state))];
    },
  };
});
