import { describe, expect, test } from 'vitest';
import { managerOf } from '../../../../drivers/qemu/packages.ts';

describe('the package manager', () => {
  test.each([
    ['ID=debian\n', 'apt'],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf'],
    ['ID=fedora\n', 'dnf'],
    ['ID=manjaro\nID_LIKE=arch\n', 'pacman'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'zypper'],
    ['ID=alpine\n', 'apk'],
    ['ID=unheard-of\n', 'apt'],
  ])('of %j is %s', (osRelease, manager) => {
    expect(managerOf(osRelease)).toBe(manager);
  });
});
