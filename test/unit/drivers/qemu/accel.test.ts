import { describe, expect, test } from 'vitest';
import { type AccelSupport, chooseAccel, defaultCpu } from '../../../../drivers/qemu/accel.ts';

const no = { usable: false, why: 'there is none' };
const none: AccelSupport = { kvm: { ...no, fix: 'modprobe' }, hvf: no };
const kvm: AccelSupport = { ...none, kvm: { usable: true, why: 'KVM works' } };
const odd: AccelSupport = { ...none, kvm: { usable: false, certain: false, why: 'no vmx' } };
const all = ['tcg', 'kvm', 'hvf'];

describe('the acceleration', () => {
  test('is what the host has, when the guest is of its kind', () => {
    expect(chooseAccel('auto', 'x86_64', all, kvm, 'x86_64')).toEqual({ accel: 'kvm', why: 'KVM works' });
    expect(chooseAccel('auto', 'aarch64', all, kvm, 'x86_64')).toEqual({
      accel: 'tcg',
      why: 'software emulation: the guest is aarch64, the host x86_64',
    });
    const hvf: AccelSupport = { ...none, hvf: { usable: true, why: 'HVF works' } };
    expect(chooseAccel('auto', 'aarch64', all, hvf, 'aarch64')).toMatchObject({ accel: 'hvf' });
  });

  test('is emulation otherwise, and says why', () => {
    expect(chooseAccel('auto', 'x86_64', all, none, 'x86_64')).toEqual({
      accel: 'tcg',
      why: 'software emulation: there is none',
    });
    expect(chooseAccel('auto', 'x86_64', ['tcg'], kvm, 'x86_64')).toEqual({
      accel: 'tcg',
      why: 'software emulation: this QEMU was built without kvm',
    });
    expect(chooseAccel('auto', 'x86_64', all, odd, 'x86_64')).toMatchObject({ accel: 'tcg' });
  });

  test('that the target names is had or refused, never replaced', () => {
    expect(chooseAccel('tcg', 'x86_64', all, kvm, 'x86_64')).toMatchObject({ accel: 'tcg' });
    expect(chooseAccel('kvm', 'x86_64', all, kvm, 'x86_64')).toMatchObject({ accel: 'kvm' });
    expect(chooseAccel('kvm', 'x86_64', all, none, 'x86_64')).toEqual({
      refused: 'there is none',
      fix: 'modprobe',
    });
    expect(chooseAccel('kvm', 'aarch64', all, kvm, 'x86_64')).toHaveProperty('refused');
    expect(chooseAccel('kvm', 'x86_64', ['tcg'], kvm, 'x86_64')).toHaveProperty('refused');
    expect(chooseAccel('whpx', 'x86_64', all, kvm, 'x86_64')).toHaveProperty('refused');
  });

  test('is had by who insists, where we only guess that it does not work', () => {
    expect(chooseAccel('kvm', 'x86_64', all, odd, 'x86_64')).toMatchObject({ accel: 'kvm' });
  });
});

test('the processor is the host’s own, or the most that is emulated', () => {
  expect(defaultCpu('x86_64', 'kvm', false)).toBe('host');
  expect(defaultCpu('x86_64', 'kvm', true)).toMatch(/^host,hv_relaxed,/);
  expect(defaultCpu('aarch64', 'hvf', true)).toBe('host');
  expect(defaultCpu('x86_64', 'tcg', true)).toBe('max');
  expect(defaultCpu('aarch64', 'tcg', false)).toBe('max,pauth-impdef=on');
});
