import { describe, expect, test } from 'vitest';
import { offeredAccess, optionProblems, whyNotLive } from '../../../../drivers/qemu/option-problems.ts';
import { readSettings } from '../../../../drivers/qemu/settings.ts';
import { targetOf } from '../../../support/targets.ts';

const GIB = 1024 ** 3;

function problems(options: Record<string, unknown>, more: Parameters<typeof targetOf>[2] = {}): string[] {
  const target = targetOf('qemu', { kernel: '/k', ...options }, { memory: GIB, ...more });
  return optionProblems(readSettings(target, '/c'), target, 8 * GIB).map(({ message }) => message);
}

const liveWith = (...args: string[]) => whyNotLive(readSettings(targetOf('qemu', { args }), '/c'), 'linux');

describe('the keys of a target', () => {
  test('of a usual target are fine', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ initrd: '/i', append: 'x', network: 'none' })).toEqual([]);
  });

  test.each(['-daemonize', '--incoming', '-loadvm', '-name', '-m', '-M', '-accel', '-cpu', '-snapshot'])(
    'may not hold %s in `args`',
    (arg) => {
      expect(problems({ args: [arg] })).toEqual([`\`args\` may not hold ${arg}`]);
    },
  );

  test('may hold other arguments, and values that look like forbidden ones', () => {
    expect(problems({ args: ['-device', 'virtio-balloon-pci', '-global', 'm'] })).toEqual([]);
  });

  test('must leave the way in that is asked for', () => {
    expect(problems({ network: 'none', agent: false })).toEqual([]);
    expect(problems({ network: 'none' }, { guest: { channel: 'ssh' } })).toHaveLength(1);
    expect(problems({ agent: false }, { guest: { channel: 'agent' } })).toHaveLength(1);
    expect(offeredAccess({ network: 'user', agent: true })).toEqual(['agent', 'ssh', 'console']);
    expect(offeredAccess({ network: 'none', agent: true })).toEqual(['agent', 'console']);
    expect(offeredAccess({ network: 'restrict', agent: false })).toEqual(['ssh', 'console']);
    expect(offeredAccess({ network: 'none', agent: false })).toEqual(['console']);
  });

  test('must ask for an amount of memory that can be had', () => {
    expect(problems({}, { memory: 9 * GIB })).toEqual([
      "the guest's 9216 MiB of memory are more than this host has (8192 MiB)",
    ]);
    expect(problems({}, { memory: 1024 ** 2 })).toEqual(['1 MiB of memory are too little for any guest']);
  });
});

describe('a running machine can be saved', () => {
  test('unless a device of it cannot', () => {
    expect(liveWith('-device', 'virtio-balloon-pci')).toBeUndefined();
    expect(liveWith('-device', 'vfio-pci,host=00:02.0')).toContain('vfio');
    expect(liveWith('-virtfs', 'local,path=/x,mount_tag=x')).toContain('9p');
    expect(liveWith('-chardev', 'socket,id=c', '-device', 'vhost-user-fs-pci,chardev=c')).toContain('vhost');
    expect(liveWith('-device', 'usb-host,vendorid=1')).toContain('USB');
    expect(liveWith('-object', 'memory-backend-memfd,id=m,size=1G')).toContain('memory');
  });

  test('unless the system cannot map memory from a file', () => {
    expect(whyNotLive(readSettings(targetOf('qemu', {}), '/c'), 'win32')).toContain('Windows');
  });
});
