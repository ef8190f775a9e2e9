/**
 * QEMU's command line out of what is wanted. Pure. Two parts make it: what the guest sees (`MachineSpec`), which names a
 * clean state, and the files of one machine (`MachineFiles`), which change from clone to clone.
 */
import type { Argv } from '../../src/host/exec.ts';
import type { Accel } from './accel.ts';
import type { Arch, Settings } from './settings.ts';

/** QEMU's name of the port on which the guest's agent listens. */
export const AGENT_PORT = 'agent0';

export interface MachineSpec {
  arch: Arch;
  machine: string;
  accel: Accel;
  cpu: string;
  cpus: number;
  memory: number;
  windows: boolean;
  kernel?: string;
  initrd?: string;
  append?: string;
  firmware: Firmware;
  /** Undefined: no disk. */
  diskBus?: Settings['diskBus'];
  network: Settings['network'];
  netDevice: string;
  vga: string;
  agent: boolean;
  args: readonly string[];
}

export type Firmware =
  /** What QEMU has built in: SeaBIOS, or nothing on aarch64. */
  | { kind: 'default' }
  /** One file for everything, as `-bios` takes it. */
  | { kind: 'file'; path: string }
  /** UEFI code and the store of its variables, of which each machine has its own. */
  | { kind: 'flash'; code: FileImage; vars: FileImage };

export interface FileImage {
  path: string;
  /** As QEMU calls it: `raw`, `qcow2`. */
  format: string;
}

export interface MachineFiles {
  /** Name of the machine, by which a sweep knows its process. */
  name: string;
  disk?: DiskFiles;
  /** qcow2 overlay of the UEFI variables. */
  vars?: string;
  /** The file that is the guest's memory; undefined = anonymous memory. */
  memory?: { path: string; use: MemoryUse };
  qmp: string;
  agent: string;
  console: string;
  consoleLog: string;
  /** The port inside the guest that a port of this host leads to. */
  guestPort: number;
  /** Run from a state that comes by migration, or from one inside the disk. */
  from?: 'incoming' | { snapshot: string };
}

export interface DiskFiles {
  /** The qcow2 file that the guest writes to. */
  path: string;
  /** What lies below it, nearest first, wherever its header says that it lies. The last one's header is believed. */
  below: readonly FileImage[];
}

/**
 * `record`: writes go to the file. `private`: writes stay with this machine, the file is only read, but QEMU before 8.2
 * cannot map a file that it may not write. `private-readonly`: the same with a file opened for reading, since 8.2.
 */
export type MemoryUse = 'record' | 'private' | 'private-readonly';

export function commandLine(program: string, spec: MachineSpec, files: MachineFiles): Argv {
  return [
    program,
    ...['-name', `guest=${files.name},debug-threads=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...machine(spec, files),
    ...boot(spec, files),
    ...disk(spec, files),
    ...network(spec, files),
    ...display(spec),
    ...extras(spec),
    ...channels(spec, files),
    ...['-S'],
    ...from(files),
    ...spec.args,
  ];
}

/** The name that QEMU itself gives the memory of these machines, so that a snapshot made without a file fits too. */
function memoryName({ arch }: MachineSpec): string {
  return arch === 'aarch64' ? 'mach-virt.ram' : 'pc.ram';
}

function machine(spec: MachineSpec, { memory }: MachineFiles): string[] {
  const name = memoryName(spec);
  return [
    ...['-machine', memory ? `${spec.machine},memory-backend=${name}` : spec.machine],
    ...['-accel', accelerator(spec.accel), '-cpu', spec.cpu, '-smp', String(spec.cpus)],
    ...['-m', `${spec.memory / 1024 ** 2}M`],
    ...(memory ? ['-object', memoryFile(name, spec.memory, memory)] : []),
    ...['-rtc', `base=${spec.windows ? 'localtime' : 'utc'},clock=host`],
  ];
}

/**
 * MiB for translated code under emulation. QEMU's default is 1024, which a busy guest fills in minutes: after a boot of
 * Debian 12 and a minute of work, a process had 837 MiB beside the guest's memory, with this limit 202 MiB, in the same
 * time (39 s of work; 41 s with 64 MiB).
 */
const TRANSLATION_BUFFER = 128;

function accelerator(accel: Accel): string {
  return accel === 'tcg' ? `tcg,tb-size=${TRANSLATION_BUFFER}` : accel;
}

function memoryFile(id: string, size: number, { path, use }: { path: string; use: MemoryUse }): string {
  const mapping = {
    record: { share: true },
    private: { share: false },
    'private-readonly': { share: false, readonly: true, rom: 'off' },
  }[use];
  return JSON.stringify({ 'qom-type': 'memory-backend-file', id, size, 'mem-path': path, ...mapping });
}

function boot({ kernel, initrd, append, firmware }: MachineSpec, { vars }: MachineFiles): string[] {
  return [
    ...(kernel === undefined ? [] : ['-kernel', kernel]),
    ...(initrd === undefined ? [] : ['-initrd', initrd]),
    ...(append === undefined ? [] : ['-append', append]),
    ...(firmware.kind === 'file' ? ['-bios', firmware.path] : []),
    ...(firmware.kind === 'flash' && vars !== undefined ? flash(firmware.code, vars) : []),
  ];
}

/** `-blockdev` and machine properties would do too, but only `-drive if=pflash` works for machine types of all ages. */
function flash(code: FileImage, vars: string): string[] {
  const unit = (number: number, format: string, path: string, more = '') =>
    `if=pflash,unit=${number},format=${format},file=${escaped(path)}${more}`;
  return [
    ...['-drive', unit(0, code.format, code.path, ',readonly=on')],
    ...['-drive', unit(1, 'qcow2', vars, ',cache=unsafe')],
  ];
}

/**
 * The disk. Guests' flushes are not passed on to the host's disk: an overlay ends with its machine, and a clean state is
 * synced when it is done.
 */
function disk({ diskBus }: MachineSpec, files: MachineFiles): string[] {
  if (diskBus === undefined || files.disk === undefined) return [];
  const { path, below } = files.disk;
  const node = { 'node-name': 'disk0', ...diskNode([{ path, format: 'qcow2' }, ...below]) };
  const drive = 'drive=disk0,id=vda,bootindex=1';
  const devices = {
    virtio: ['-device', `virtio-blk-pci,${drive}`],
    scsi: ['-device', 'virtio-scsi-pci,id=scsi0', '-device', `scsi-hd,bus=scsi0.0,${drive}`],
    sata: ['-device', 'ich9-ahci,id=sata0', '-device', `ide-hd,bus=sata0.0,${drive}`],
    ide: ['-device', `ide-hd,${drive}`],
  };
  return ['-blockdev', JSON.stringify(node), ...devices[diskBus]];
}

function diskNode([top, ...below]: readonly FileImage[]): object {
  const cache = { 'no-flush': true };
  return {
    driver: top?.format,
    discard: 'unmap',
    cache,
    file: { driver: 'file', filename: top?.path, discard: 'unmap', cache },
    ...(below.length === 0 ? {} : { backing: diskNode(below) }),
  };
}

/**
 * The kernel chooses the host's port (0), which QMP then tells: no other program can take it in between. Only loopback
 * is listened on. The card's boot ROM is left out, as nothing boots from the network.
 */
function network({ network: kind, netDevice }: MachineSpec, { guestPort }: MachineFiles): string[] {
  if (kind === 'none') return [];
  const restrict = kind === 'restrict' ? ',restrict=on' : '';
  const rom = /^virtio-net-pci/.test(netDevice) ? ',romfile=' : '';
  return [
    ...['-netdev', `user,id=net0${restrict},hostfwd=tcp:127.0.0.1:0-:${guestPort}`],
    ...['-device', `${netDevice},netdev=net0${rom}`],
  ];
}

/** `virt` boards have no legacy VGA; the virtio one is what their firmware and kernels drive. */
function display({ arch, vga }: MachineSpec): string[] {
  if (arch === 'x86_64' || vga === 'none') return ['-vga', vga];
  return ['-device', vga === 'std' || vga === 'virtio' ? 'virtio-gpu-pci' : vga];
}

/**
 * Entropy that differs from clone to clone; word to the guest that it is a copy (`vmgenid`: Linux reseeds, Windows too);
 * and a way for a panicking kernel to say so. Windows has no driver for the last and would show an unknown device.
 */
function extras({ arch, windows }: MachineSpec): string[] {
  const panic = arch === 'x86_64' ? 'pvpanic' : 'pvpanic-pci';
  return [
    ...['-device', 'virtio-rng-pci'],
    ...(arch === 'x86_64' ? ['-device', 'vmgenid,guid=auto'] : []),
    ...(windows ? [] : ['-device', panic]),
  ];
}

function channels({ agent }: MachineSpec, files: MachineFiles): string[] {
  const socket = (id: string, path: string) => `socket,id=${id},path=${escaped(path)},server=on,wait=off`;
  const log = `,logfile=${escaped(files.consoleLog)},logappend=on`;
  return [
    ...['-chardev', socket('qmp', files.qmp), '-qmp', 'chardev:qmp'],
    ...['-chardev', socket('console', files.console) + log, '-serial', 'chardev:console'],
    ...(agent
      ? [
          ...['-device', 'virtio-serial-pci', '-chardev', socket('agent', files.agent)],
          ...['-device', `virtserialport,chardev=agent,id=${AGENT_PORT},name=org.qemu.guest_agent.0`],
        ]
      : []),
  ];
}

function from({ from: state }: MachineFiles): string[] {
  if (state === undefined) return [];
  return state === 'incoming' ? ['-incoming', 'defer'] : ['-loadvm', state.snapshot];
}

/** A comma ends a value in QEMU's option lists, unless it is doubled. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}
