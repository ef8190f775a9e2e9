/** A target's keys with the defaults that depend on each other. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { V86Options } from './schema.ts';

export type Drive = 'disk' | 'cdrom' | 'floppy';

export interface Settings {
  cpus: number;
  /** Bytes, whole MiB. */
  memory: number;
  /** Bytes. */
  vgaMemory: number;
  network: V86Options['network'];
  /** All drives, in the order in which the BIOS tries them. */
  bootOrder: readonly Drive[];
  kernel?: string;
  initrd?: string;
  append?: string;
  image?: string;
  cdrom?: string;
  floppy?: string;
  bios?: string;
  vgaBios?: string;
}

const MIB = 1024 ** 2;
/** Only for callers that have no loader: the schema has the same defaults. */
const DEFAULT_MEMORY = 128 * MIB;
const USUAL_ORDER: readonly Drive[] = ['floppy', 'disk', 'cdrom'];

export function readSettings(target: BaseTarget): Settings {
  const options = target.options as Partial<V86Options>;
  const files = {
    kernel: options.kernel,
    initrd: options.initrd,
    append: options.append,
    image: options.image,
    cdrom: options.cdrom,
    floppy: options.floppy,
    bios: options.bios,
    vgaBios: options['vga-bios'],
  };
  return {
    cpus: target.cpus,
    memory: Math.ceil((target.memory ?? DEFAULT_MEMORY) / MIB) * MIB,
    vgaMemory: Number.parseInt(options['vga-memory'] ?? '2M', 10) * MIB,
    network: options.network ?? 'none',
    bootOrder: [...new Set([...(options['boot-order'] ?? []), ...USUAL_ORDER])],
    ...present(files),
  };
}

/** Nibbles of v86's number for a drive, as its BIOS keeps them in the clock's memory: 1 floppy, 2 disk, 3 CD. */
const NIBBLE: Readonly<Record<Drive, number>> = { floppy: 1, disk: 2, cdrom: 3 };

/** v86's number for a boot order: the lowest nibble is the drive that is tried first. */
export function bootOrderNumber(order: readonly Drive[]): number {
  return order.reduce((number, drive, index) => number | (NIBBLE[drive] << (4 * index)), 0);
}

function present<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
