import { afterEach, describe, expect, test, vi } from 'vitest';
import { accessOf, isLogReadable } from '../../../../drivers/libvirt/settings.ts';
import { targetOf } from '../../../support/targets.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('ways in', () => {
  const vm = { id: '1', name: 'a', state: 'off', snapshots: [], memory: 0, cpus: 1, problems: [] } as const;
  const access = (guest: object) =>
    accessOf({ ...vm, snapshots: [], problems: [] }, targetOf('libvirt', {}, { guest }));

  test.each([{ key: '/k' }, { password: 'p' }, { sshAgent: true }])('SSH first with %o', (guest) => {
    expect(access(guest)).toEqual(['ssh', 'agent']);
  });

  test('the agent first without credentials', () => {
    expect(access({})).toEqual(['agent', 'ssh']);
  });
});

describe('the log of the console', () => {
  test.each<[uri: string, uid: number, readable: boolean]>([
    ['qemu:///system', 0, true],
    ['qemu:///system', 1000, false],
    ['qemu:///session', 1000, true],
    ['qemu+ssh://root@kvm-1/system', 0, false],
    ['qemu+ssh://root@kvm-1/session?x=qemu:///', 0, false],
    ['qemu://kvm-1/system', 0, false],
  ])('of %s for user %i is readable: %s', (uri, uid, readable) => {
    vi.spyOn(process, 'getuid').mockReturnValue(uid);
    expect(isLogReadable(uri)).toBe(readable);
  });
});
