/** A target's keys with the defaults that depend on the host, on the guest, or on each other. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { QemuOptions } from './schema.ts';

export type Arch = 'x86_64' | 'aarch64';

export interface Settings {
  arch: Arch;
  /** As `-machine` takes it. */
  machine: string;
  /** Undefined: `host` or `max`, as the accelerator has it. */
  cpu?: string;
  cpus: number;
  /** Bytes, whole MiB: QEMU rounds sizes of its own, but not those of a memory file. */
  memory: number;
  firmware: 'bios' | 'uefi' | { path: string };
  accel: QemuOptions['accel'];
  diskBus: QemuOptions['disk-bus'];
  network: QemuOptions['network'];
  netDevice: string;
  vga: string;
  agent: boolean;
  args: readonly string[];
  /** On this host: the file that was named, or where the one from a URL lies once it was pulled. */
  image?: { path: string; sha256?: string };
  imageUrl?: string;
  kernel?: string;
  initrd?: string;
  append?: string;
  binary?: string;
}

const MIB = 1024 ** 2;
/** Only for callers that have no loader: the schema has the same default. */
const DEFAULT_MEMORY = 1024 * MIB;

/** The architecture of this host in QEMU's words, or what Node calls one that this driver does not know. */
export function hostArch(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}

/** `cache` is the folder in which images that were pulled from a URL lie. */
export function readSettings(target: BaseTarget, cache: string): Settings {
  const options = target.options as Partial<QemuOptions>;
  const arch = options.arch ?? (hostArch() === 'aarch64' ? 'aarch64' : 'x86_64');
  return {
    arch,
    machine: options.machine ?? (arch === 'aarch64' ? 'virt' : 'q35'),
    cpus: target.cpus,
    memory: Math.ceil((target.memory ?? DEFAULT_MEMORY) / MIB) * MIB,
    firmware: readFirmware(options, arch),
    accel: options.accel ?? 'auto',
    diskBus: options['disk-bus'] ?? 'virtio',
    network: options.network ?? 'user',
    netDevice: options['net-device'] ?? 'virtio-net-pci',
    vga: options.vga ?? 'std',
    agent: options.agent ?? true,
    args: options.args ?? [],
    ...(options.image === undefined ? {} : locateImage(options.image, options.sha256, cache)),
    ...present({
      cpu: options.cpu,
      kernel: options.kernel,
      initrd: options.initrd,
      append: options.append,
      binary: options.binary,
    }),
  };
}

/** Where an image that came from a URL lies once it was pulled. */
export function pulledImage(cache: string, sha256: string): string {
  return `${cache}/images/${sha256.toLowerCase()}`;
}

function locateImage(
  image: string,
  sha256: string | undefined,
  cache: string,
): Pick<Settings, 'image' | 'imageUrl'> {
  const checked = sha256 === undefined ? {} : { sha256: sha256.toLowerCase() };
  if (!/^https?:\/\//.test(image)) return { image: { path: image, ...checked } };
  return { image: { path: pulledImage(cache, sha256 ?? ''), ...checked }, imageUrl: image };
}

/** A kernel that QEMU loads itself needs no firmware on aarch64, and starts sooner without. */
function readFirmware(options: Partial<QemuOptions>, arch: Arch): Settings['firmware'] {
  if (options.firmware === undefined) {
    return arch === 'aarch64' && options.kernel === undefined ? 'uefi' : 'bios';
  }
  return options.firmware === 'bios' || options.firmware === 'uefi'
    ? options.firmware
    : { path: options.firmware };
}

function present<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
