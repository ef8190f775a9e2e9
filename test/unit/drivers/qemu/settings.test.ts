import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../../drivers/qemu/settings.ts';
import { targetOf } from '../../../support/targets.ts';

describe('settings', () => {
  const read = (options: Record<string, unknown>, memory?: number) =>
    readSettings(targetOf('qemu', options, memory === undefined ? {} : { memory }), '/cache');

  test('have defaults that fit the architecture', () => {
    expect(read({ arch: 'x86_64', image: '/i' })).toMatchObject({ machine: 'q35', firmware: 'bios' });
    expect(read({ arch: 'aarch64', image: '/i' })).toMatchObject({ machine: 'virt', firmware: 'uefi' });
    expect(read({ arch: 'aarch64', kernel: '/k' })).toMatchObject({ machine: 'virt', firmware: 'bios' });
    expect(read({ firmware: '/fw.fd' })).toMatchObject({ firmware: { path: '/fw.fd' } });
  });

  test('round memory up to whole MiB', () => {
    expect(read({}, 100 * 1024 ** 2 + 1).memory).toBe(101 * 1024 ** 2);
  });

  test('know where an image from a URL lies', () => {
    const sha256 = 'AB'.repeat(32);
    expect(read({ image: 'https://example.org/d.qcow2', sha256 })).toMatchObject({
      image: { path: `/cache/images/${'ab'.repeat(32)}`, sha256: 'ab'.repeat(32) },
      imageUrl: 'https://example.org/d.qcow2',
    });
    expect(read({ image: '/d.qcow2', sha256 }).image).toEqual({ path: '/d.qcow2', sha256: 'ab'.repeat(32) });
  });
});
