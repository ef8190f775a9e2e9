/**
 * What a machine's process and its driver say to each other: lines of JSON on a private socket that the driver listens
 * on. The process connects when it starts, and ends when the connection does, unless it was told to live on.
 */

/** Everything that makes a machine, in a file of its private folder. Paths are absolute. */
export interface MachineSpec {
  /** Bytes of guest memory. */
  memory: number;
  /** Bytes of video memory. */
  vgaMemory: number;
  bios: string;
  vgaBios: string;
  kernel?: string;
  initrd?: string;
  append?: string;
  disk?: DiskLayers;
  cdrom?: string;
  floppy?: string;
  /** v86's number for the order in which the BIOS tries the drives. */
  bootOrder: number;
  /** `user`: the guest reaches web servers through the host. `restrict`: only the forwarded port leads in or out. */
  network: 'none' | 'user' | 'restrict';
  /** Guest port to forward, when there is a network. */
  guestPort: number;
  /** Saved state to continue from. */
  state?: string;
  /** Where the process serves the console, and where it logs it. */
  console: string;
  consoleLog: string;
}

/** The disk of a machine, lowest layer first; only the topmost is ever written to. */
export interface DiskLayers {
  image: string;
  /** What was written until the clean state was saved. */
  frozen?: string;
  /** A sparse file of the machine's own, made by its process. */
  own: string;
}

/** The folder that the guest can mount (9p over virtio). */
export const SHARE = {
  /** Mount tag; v86 knows no other. */
  tag: 'host9p',
  /** Bytes of either of its files. Base64 in a line of JSON takes some milliseconds for so much. */
  most: 1024 * 1024,
} as const;

export interface Requests {
  /** CPUs run when it answers. */
  start: { arguments: Record<string, never>; answer: null };
  /** Stops the CPUs for good and writes the whole state; with a disk, its written sectors go into `disk`. */
  save: { arguments: { state: string; disk: string }; answer: { bytes: number } };
  /** The host port that leads to `guestPort`. */
  port: { arguments: Record<string, never>; answer: { port: number } };
  /** Writes what is on the screen as a PNG. */
  screenshot: { arguments: { path: string }; answer: null };
  /** Makes these bytes, as base64, the content of the shared folder's `in`. */
  put: { arguments: { data: string }; answer: null };
  /** Empties the shared folder's `out`: its bytes as base64. */
  take: { arguments: Record<string, never>; answer: { data: string } };
  /** Lives on when the connection ends. */
  keep: { arguments: Record<string, never>; answer: null };
  quit: { arguments: Record<string, never>; answer: null };
}

export type RequestName = keyof Requests;

export type Request = {
  [N in RequestName]: { id: number; name: N; arguments: Requests[N]['arguments'] };
}[RequestName];

export type Message =
  | { id: number; answer: unknown }
  | { id: number; error: { code: string; message: string } }
  /** Loaded, restored if there is a state, CPUs not running yet. */
  | { event: 'ready' }
  /** The guest has reset its processor, and boots anew. */
  | { event: 'restarted' }
  /** It runs no further, for the reason given in words. */
  | { event: 'dead'; why: string };

/** Whether an answer is one to that request. */
export const IS_ANSWER: { [N in RequestName]: (answer: unknown) => boolean } = {
  start: isNull,
  save: (answer) => has(answer, 'bytes', 'number'),
  port: (answer) => has(answer, 'port', 'number'),
  screenshot: isNull,
  put: isNull,
  take: (answer) => has(answer, 'data', 'string'),
  keep: isNull,
  quit: isNull,
};

function isNull(answer: unknown): boolean {
  return answer === null;
}

function has(answer: unknown, key: string, type: 'number' | 'string'): boolean {
  return typeof (answer as Record<string, unknown> | null)?.[key] === type;
}
