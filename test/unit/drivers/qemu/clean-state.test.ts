import { describe, expect, test } from 'vitest';
import { chooseCleanState, describeCleanState } from '../../../../drivers/qemu/clean-state.ts';
import type { ImageInfo } from '../../../../drivers/qemu/image.ts';

const disk = { name: 'base', vmState: false };
const awake = { name: 'awake', vmState: true };
const image = (...snapshots: ImageInfo['snapshots']): ImageInfo => ({
  path: '/d.qcow2',
  format: 'qcow2',
  virtualSize: 1,
  snapshots,
  backing: [],
});

describe('the clean state', () => {
  test.each([
    ['none', image(disk), undefined, { kind: 'cold', why: 'snapshot: none' }],
    ['clean', undefined, undefined, { kind: 'live' }],
    ['clean', image(), undefined, { kind: 'live' }],
    ['base', image(disk, awake), undefined, { kind: 'live', snapshot: disk }],
    ['awake', image(disk, awake), undefined, { kind: 'live', snapshot: awake }],
    ['clean', image(), 'vfio', { kind: 'cold', why: 'vfio' }],
    ['base', image(disk), 'vfio', { kind: 'disk', snapshot: disk, why: 'vfio' }],
  ] as const)('%s of %o', (wanted, info, notLive, value) => {
    expect(chooseCleanState(wanted, info, notLive)).toEqual({ value });
  });

  test('that is not among those in the image is refused with the nearest', () => {
    expect(chooseCleanState('bas', image(awake, disk), undefined)).toEqual({
      problem: {
        code: 'QEMU_SNAPSHOT_MISSING',
        message: 'the image has no snapshot called bas',
        hint: 'Nearest: `snapshot: base`. It has: awake, base. `snapshot: none` takes the disk as it is now.',
      },
    });
  });

  test('is described for people', () => {
    expect(describeCleanState({ kind: 'live' }, 'clean', true)).toBe('live template "clean"');
    expect(describeCleanState({ kind: 'live', snapshot: disk }, 'base', false)).toBe(
      "live template of the image's snapshot base, made on first use",
    );
    expect(describeCleanState({ kind: 'disk', snapshot: disk, why: 'vfio' }, 'base', true)).toBe(
      'overlay of the disk in snapshot base, cold boot (vfio)',
    );
    expect(describeCleanState({ kind: 'cold', why: 'snapshot: none' }, 'none', true)).toBe(
      'disk overlay, cold boot (snapshot: none)',
    );
  });
});
