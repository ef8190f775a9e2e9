/** v86 as this driver uses it. Beyond its published types: a few internals, each named with why it is needed. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { V86 as V86Class, V86Image, V86Options } from 'v86';
import type { MachineSpec } from '../protocol.ts';
import { Disk } from './disk.ts';
import { NinePServer } from './nine-p.ts';
import { Share } from './share.ts';
import type { Screen, Vga } from './vga.ts';

/** A connection that the emulated router has opened into the guest. */
export interface GuestConnection {
  on(event: 'connect' | 'data' | 'shutdown' | 'close', handler: (data: Uint8Array) => void): void;
  write(data: Uint8Array): void;
  close(): void;
  /** Bytes that the guest has not acknowledged. */
  readonly send_buffer: { readonly length: number };
}

/** What the published types leave out. */
interface Internals {
  /** The processor was halted with interrupts off: nothing wakes it any more. */
  add_listener(event: 'cpu-event-halt', listener: () => void): void;
  readonly v86: {
    readonly cpu: {
      /** What every reset comes to: by the keyboard controller, by PCI. */
      reboot_internal: () => void;
      /** Called once by `restore_state`, for all of the guest's memory. */
      zero_memory: (address: number, bytes: number) => void;
      /** The queue of the serial port holds 4096 bytes and overwrites itself when it is full. */
      readonly devices: {
        readonly uart0: { readonly input: { readonly length: number } };
        readonly vga: Vga;
        /** Requests without an answer yet, by tag. */
        readonly virtio_9p: { tag_bufchain: Map<number, unknown> };
      };
    };
  };
  readonly screen_adapter: Screen;
  readonly network_adapter?: {
    connect(port: number): GuestConnection;
  };
}

export type Emulator = V86Class & Internals;

export interface Loaded {
  emulator: Emulator;
  disk?: Disk;
  share: Share;
}

/** A machine that stands still: at power-on, or where its state was saved. */
export async function loadEmulator(spec: MachineSpec): Promise<Loaded> {
  // Read while the emulator is compiled, which takes about as long.
  const state = spec.state === undefined ? undefined : bytes(spec.state);
  state?.catch(() => {});
  const { V86 } = await import('v86');
  const disk = spec.disk && new Disk(spec.disk);
  const share = new Share();
  const server = new NinePServer(share);
  const filesystem: V86Options['filesystem'] = {
    handle9p: (request, reply) => reply(server.answer(request)),
  };
  const options = {
    ...(await optionsOf(spec)),
    filesystem,
    ...(disk ? { hda: disk as unknown as V86Image } : {}),
  };
  const emulator = new V86(options) as Emulator;
  if (spec.network === 'restrict') refuseWeb();
  await new Promise<void>((resolve) => emulator.add_listener('emulator-loaded', () => resolve()));
  if (state) await restore(emulator, await state);
  return { emulator, share, ...(disk ? { disk } : {}) };
}

/** Calls back when the guest has reset its processor. v86 has no event for that. */
export function onReset({ v86: { cpu } }: Emulator, listener: () => void): void {
  const reset = cpu.reboot_internal.bind(cpu);
  cpu.reboot_internal = () => {
    reset();
    listener();
  };
}

async function optionsOf(spec: MachineSpec): Promise<V86Options> {
  const media = { bios: spec.bios, vga_bios: spec.vgaBios, cdrom: spec.cdrom, fda: spec.floppy };
  const boot = { bzimage: spec.kernel, initrd: spec.initrd };
  const files = await images({ ...media, ...boot });
  return {
    ...files,
    wasm_path: fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86'))),
    memory_size: spec.memory,
    vga_memory_size: spec.vgaMemory,
    ...(spec.append === undefined ? {} : { cmdline: spec.append }),
    boot_order: spec.bootOrder,
    // Each machine has a network of its own, so clones need no addresses of their own.
    preserve_mac_from_state_image: true,
    ...(spec.network === 'none' ? {} : { net_device: { type: 'ne2k', relay_url: 'fetch' } }),
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
    autostart: false,
  };
}

/** What has been written to when no processor has run yet: the BIOS, in the first MiB. */
const TOUCHED = 1024 ** 2;

/**
 * Not as the option `initial_state`, which v86 would hold on to. Memory that nobody has touched is zero, and stays
 * unallocated when it is not zeroed again: 80 MiB less for a Linux in 128 MiB, and a third of the time.
 */
async function restore(emulator: Emulator, state: ArrayBuffer): Promise<void> {
  const { cpu } = emulator.v86;
  const zero = cpu.zero_memory;
  cpu.zero_memory = (address, length) => zero(address, Math.min(length, TOUCHED));
  await emulator.restore_state(state);
  cpu.zero_memory = zero;
  // A `Map` does not survive being saved. None of our answers is ever late, so it was empty.
  cpu.devices.virtio_9p.tag_bufchain = new Map();
}

async function images(paths: Record<string, string | undefined>): Promise<Record<string, V86Image>> {
  const named = Object.entries(paths).flatMap(([key, path]) => (path === undefined ? [] : [{ key, path }]));
  const read = named.map(async ({ key, path }) => [key, { buffer: await bytes(path) }] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** `readFile` gives a file of any size above that of its pool a buffer of its own; small ones are copied out of it. */
async function bytes(path: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  if (byteOffset === 0 && buffer.byteLength === byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/**
 * The router answers connections from the guest to port 80 by the `fetch` of this process, which has no other use for
 * it. All other ports lead nowhere, and names are answered without asking anybody.
 */
function refuseWeb(): void {
  globalThis.fetch = async () => new Response('The matrix file says `network: restrict`.', { status: 403 });
}
