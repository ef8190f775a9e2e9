import { describe, expect, test } from 'vitest';
import { initrdProblems, offeredAccess, optionProblems } from '../../../../drivers/v86/option-problems.ts';
import { bootOrderNumber, readSettings } from '../../../../drivers/v86/settings.ts';
import { targetOf } from '../../../support/targets.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const boot = { kernel: '/k', initrd: '/i' };

function codes(options: Record<string, unknown>, more: Parameters<typeof targetOf>[2] = {}): string[] {
  const target = targetOf('v86', options, more);
  return optionProblems(readSettings(target), target, 16 * GIB).map(({ code }) => code);
}

test('a kernel with an initrd is all it takes', () => {
  expect(codes(boot)).toEqual([]);
  const settings = readSettings(targetOf('v86', boot));
  expect(settings).toEqual({
    cpus: 1,
    memory: 128 * MIB,
    vgaMemory: 2 * MIB,
    network: 'none',
    bootOrder: ['floppy', 'disk', 'cdrom'],
    ...boot,
  });
  expect(offeredAccess(settings)).toEqual(['console']);
});

test.each([
  ['nothing to boot', {}, {}, ['V86_OPTIONS_CONFLICT']],
  ['initrd and append without kernel', { floppy: '/f', initrd: '/i', append: 'quiet' }, {}, 2],
  ['two processors', boot, { cpus: 2 }, ['V86_ONE_CPU']],
  ['little memory without one', { floppy: '/f' }, { memory: 8 * MIB }, []],
  ['too little memory for the BIOS', { floppy: '/f' }, { memory: 7 * MIB }, ['V86_MEMORY_TOO_SMALL']],
  ['more memory than it can emulate', boot, { memory: 2049 * MIB }, ['V86_MEMORY_TOO_BIG']],
  ['an agent', boot, { guest: { channel: 'agent' as const } }, ['V86_NO_WAY_IN']],
  ['SSH without a network', boot, { guest: { channel: 'ssh' as const } }, ['V86_NO_WAY_IN']],
  ['SSH with one', { ...boot, network: 'restrict' }, { guest: { channel: 'ssh' as const } }, []],
] as const)('%s', (_name, options, more, expected) => {
  const found = codes(options, more);
  if (typeof expected === 'number') expect(found).toHaveLength(expected);
  else expect(found).toEqual(expected);
});

test('an initrd lies behind the first 64 MiB', () => {
  expect(initrdProblems({ memory: 68 * MIB }, 4 * MIB)).toEqual([]);
  expect(initrdProblems({ memory: 68 * MIB }, 4 * MIB + 1)).toMatchObject([
    { code: 'V86_MEMORY_TOO_SMALL', hint: expect.stringContaining('69M') },
  ]);
});

test('more memory than the host has', () => {
  const target = targetOf('v86', boot, { memory: 512 * MIB });
  const problems = optionProblems(readSettings(target), target, 256 * MIB);
  expect(problems).toMatchObject([
    { code: 'V86_MEMORY_TOO_BIG', message: expect.stringContaining('256 MiB') },
  ]);
});

describe('the boot order', () => {
  test.each([
    // v86's own names for these numbers: see `BootOrder` in its types.
    [['cdrom', 'floppy', 'disk'], 0x213],
    [['cdrom', 'disk', 'floppy'], 0x123],
    [['floppy', 'cdrom', 'disk'], 0x231],
    [['floppy', 'disk', 'cdrom'], 0x321],
    [['disk', 'cdrom', 'floppy'], 0x132],
  ] as const)('%j is %i', (order, number) => {
    expect(bootOrderNumber(order)).toBe(number);
  });

  test('names what comes first; the others follow', () => {
    const order = (first: string[]) =>
      readSettings(targetOf('v86', { ...boot, 'boot-order': first })).bootOrder;
    expect(order(['cdrom'])).toEqual(['cdrom', 'floppy', 'disk']);
    expect(order(['disk', 'cdrom'])).toEqual(['disk', 'cdrom', 'floppy']);
  });
});
