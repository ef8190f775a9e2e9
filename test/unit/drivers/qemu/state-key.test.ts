import { describe, expect, test } from 'vitest';
import type { MachineSpec } from '../../../../drivers/qemu/command-line.ts';
import type { Plan } from '../../../../drivers/qemu/plan.ts';
import { readSettings } from '../../../../drivers/qemu/settings.ts';
import { contentFiles, ingredients } from '../../../../drivers/qemu/state-key.ts';
import { targetOf } from '../../../support/targets.ts';

const flash = {
  kind: 'flash',
  code: { path: '/fw/CODE.fd', format: 'raw' },
  vars: { path: '/fw/VARS.fd', format: 'raw' },
} as const;

function planOf(change: { spec?: Partial<MachineSpec>; plan?: Partial<Plan>; target?: object } = {}): Plan {
  const target = { ...targetOf('qemu', {}), ...change.target };
  const program = { path: '/q', version: '7.2.0', banner: 'QEMU emulator version 7.2.0 (d1)', stamp: '1' };
  return {
    target,
    settings: readSettings(target, '/cache'),
    programs: { system: program, img: { ...program, path: '/i' }, accelerators: ['tcg'] },
    accelWhy: 'why',
    spec: {
      arch: 'x86_64',
      machine: 'q35',
      accel: 'tcg',
      cpu: 'max',
      cpus: 1,
      memory: 512 * 1024 ** 2,
      windows: false,
      kernel: '/k/vmlinuz',
      initrd: '/k/initrd',
      append: 'console=ttyS0',
      firmware: flash,
      diskBus: 'virtio',
      network: 'user',
      netDevice: 'virtio-net-pci',
      vga: 'std',
      agent: true,
      args: [],
      ...change.spec,
    },
    image: { path: '/i/disk.qcow2', format: 'qcow2', virtualSize: 1, snapshots: [], backing: [] },
    clean: { kind: 'live' },
    ...change.plan,
  };
}

const byPath = async (path: string) => `content of ${path}`;
/** Whatever lies in another folder has the same content. */
const byName = async (path: string) => `content of ${path.split('/').at(-1)}`;
const text = async (plan: Plan, hash = byPath) => JSON.stringify(await ingredients(plan, hash));

const program = planOf().programs.system;
const guest = planOf().target.guest;
const image = planOf().image as NonNullable<Plan['image']>;

const differences: Record<string, Parameters<typeof planOf>[0]> = {
  machine: { spec: { machine: 'pc-q35-7.1' } },
  cpu: { spec: { cpu: 'qemu64' } },
  acceleration: { spec: { accel: 'kvm' } },
  cpus: { spec: { cpus: 2 } },
  memory: { spec: { memory: 1024 ** 3 } },
  'kernel command line': { spec: { append: 'console=ttyS0 quiet' } },
  firmware: { spec: { firmware: { kind: 'default' } } },
  'disk bus': { spec: { diskBus: 'sata' } },
  network: { spec: { network: 'restrict' } },
  'network card': { spec: { netDevice: 'e1000e' } },
  display: { spec: { vga: 'none' } },
  'agent port': { spec: { agent: false } },
  windows: { spec: { windows: true } },
  arguments: { spec: { args: ['-device', 'virtio-balloon-pci'] } },
  'image content': { plan: { image: { ...image, path: '/other' } } },
  'backing file': { plan: { image: { ...image, backing: [{ path: '/base', format: 'raw' }] } } },
  'kernel content': { spec: { kernel: '/k/other' } },
  'initrd content': { spec: { initrd: '/k/other' } },
  'firmware content': { spec: { firmware: { ...flash, code: { path: '/fw/other', format: 'raw' } } } },
  snapshot: { target: { snapshot: 'other' } },
  'kind of state': { plan: { clean: { kind: 'cold', why: 'x' } } },
  'version of QEMU': {
    plan: {
      programs: { ...planOf().programs, system: { ...program, banner: 'QEMU emulator version 8.0.0' } },
    },
  },
  'build of QEMU': { plan: { programs: { ...planOf().programs, system: { ...program, stamp: '2' } } } },
  'ready command': { target: { guest: { ...guest, ready: 'true' } } },
  'way in': { target: { guest: { ...guest, channel: 'ssh' } } },
  'credentials for SSH': { target: { guest: { ...guest, key: '/key' } } },
};

describe('the name of a clean state', () => {
  test('is the same for the same plan', async () => {
    expect(await text(planOf())).toBe(await text(planOf()));
  });

  test.each(Object.entries(differences))('changes with the %s', async (_name, change) => {
    expect(await text(planOf(change))).not.toBe(await text(planOf()));
  });

  test('does not change with the place of files, the name of the target or the secrets of its user', async () => {
    const moved = planOf({
      spec: {
        kernel: '/elsewhere/vmlinuz',
        initrd: '/elsewhere/initrd',
        firmware: {
          kind: 'flash',
          code: { path: '/elsewhere/CODE.fd', format: 'raw' },
          vars: { path: '/elsewhere/VARS.fd', format: 'raw' },
        },
      },
      plan: { image: { ...image, path: '/elsewhere/disk.qcow2' } },
      target: { name: 'another', timeouts: { boot: 1 }, jobs: 3 },
    });
    expect(await text(moved, byName)).toBe(await text(planOf(), byName));
    const key = { ...guest, key: '/one' };
    const other = { ...guest, key: '/two', passphrase: 'x' };
    expect(await text(planOf({ target: { guest: key } }))).toBe(
      await text(planOf({ target: { guest: other } })),
    );
  });

  test('is made of the content of all files that the machine reads', () => {
    const backing = [{ path: '/base', format: 'raw' }];
    expect(contentFiles(planOf({ plan: { image: { ...image, backing } } }))).toEqual([
      ...['/i/disk.qcow2', '/base', '/k/vmlinuz', '/k/initrd', '/fw/CODE.fd', '/fw/VARS.fd'],
    ]);
  });

  test('changes when a file that the arguments mention does', async () => {
    const args = ['-drive', `if=none,file=${process.execPath}`];
    const mentioned = JSON.parse(await text(planOf({ spec: { args } }))).mentioned;
    expect(mentioned).toEqual([expect.stringMatching(/^\d+(:\d+)+$/)]);
  });
});
