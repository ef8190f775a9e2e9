/**
 * The contracts of the way into a guest. Two layers:
 *
 * - an *access* is what a driver can tell or lend: an address for SSH, the engine's own guest-exec (`AgentLink`);
 * - a *channel* is what a run works with: commands and trees of files, the same whatever lies beneath.
 */
import type { Duplex, Readable } from 'node:stream';

export type AccessKind = 'agent' | 'ssh' | 'console';

export type Access =
  | { kind: 'ssh'; host: string; port: number }
  | { kind: 'agent'; link: AgentLink }
  | ConsoleAccess;

export interface ConsoleAccess {
  kind: 'console';
  /** The bytes of a serial console, both ways; it belongs to the channel from then on. */
  stream: Duplex;
  /** A quicker way for files, where the guest can mount it. Default: all goes over the stream. */
  share?: FileShare;
}

/**
 * A folder of two files that a Linux guest can mount as 9p over virtio: `in`, which it reads, and `out`, which it writes.
 * One transfer at a time; both files are empty in a machine that comes from a saved state.
 */
export interface FileShare {
  /** Mount tag. */
  readonly tag: string;
  /** Bytes that either file can hold. */
  readonly most: number;
  /** Makes it the content of `in`; at most `most` bytes. */
  put(data: Buffer, signal: AbortSignal): Promise<void>;
  /** What the guest has written to `out`, which is empty then. At most `most` bytes, and not to be trusted. */
  take(signal: AbortSignal): Promise<Buffer>;
}

/**
 * The engine's own way to run programs in a guest: QEMU's guest agent (qemu, libvirt), `vmrun`, `prlctl exec`,
 * `guestcontrol`, PowerShell Direct. Primitives only; `agent/connect.ts` builds a channel on them. Every call obeys its
 * signal and has a deadline of its own; a call that dies with the guest throws a retryable `GUEST_AGENT_LOST`.
 */
export interface AgentLink {
  /** Resolves when the agent answers now; rejects soon (≤ 2 s) when it does not. Safe to call again and again. */
  ping(signal: AbortSignal): Promise<void>;
  /**
   * Starts a program (no shell, absolute path or found in the agent's PATH) and returns a handle for `poll`.
   * With `capture` its output is kept by the agent (small outputs only), else it goes to nowhere.
   */
  start(argv: readonly string[], options: AgentStartOptions, signal: AbortSignal): Promise<string>;
  /** The state of a started program. After an `exited` answer the handle is gone. */
  poll(handle: string, signal: AbortSignal): Promise<AgentPoll>;
  /** `length` bytes of a guest file from `offset`, fewer only where it ends. Repeated forward reads are cheap. */
  read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer>;
  /** Writes a file (mode by the guest's umask), or appends to it. */
  write(path: string, data: Buffer, options: { append: boolean }, signal: AbortSignal): Promise<void>;
  /** Sets the guest's clock, where the engine has a call for it. */
  setClock?(epochMs: number, signal: AbortSignal): Promise<void>;
  /** Bytes that one read or write should carry. */
  readonly chunk: number;
  /** The words of a program can be read by others on the host, as those of a command there. Its `input` never can. Default: false. */
  readonly showsWords?: boolean;
  /** Bytes of `input` that `start` takes. Default: any number. */
  readonly mostInput?: number;
  /** @param tidy the link removes what it left in the guest itself. Default: false. */
  close(tidy?: boolean): void | Promise<void>;
}

export interface AgentStartOptions {
  input?: Buffer;
  capture: boolean;
  /** Files that it writes its outputs to. They are read when it has ended, so a link may bring them along with the end. */
  outputs?: readonly string[];
}

export type AgentPoll =
  | { exited: false }
  | { exited: true; exitCode?: number; signal?: number; stdout: Buffer; stderr: Buffer; truncated: boolean };

/** A command for the guest as its user wrote it. */
export interface GuestCommand {
  /** What the command is to the cell that runs it, for logs. */
  label?: 'setup' | 'run';
  /** Script text, any length. */
  script: string;
  /** `sh bash pwsh powershell cmd python`, or a template whose `{0}` is the script's file in the guest. */
  shell: string;
  /** Folder to start in, made if it is missing; relative to the user's home. */
  cwd: string;
  /** Reaches the command unchanged: quotes, newlines and unicode included. */
  env: Record<string, string>;
}

export interface GuestIo {
  onStdout(chunk: Buffer): void;
  onStderr(chunk: Buffer): void;
}

/** How a command ended. A connection that was lost is never an exit: it throws `GUEST_CONNECTION_LOST`. */
export interface GuestExit {
  /** Undefined when a signal ended it. */
  exitCode?: number;
  /** `SIGKILL` and the like. */
  signal?: string;
  /** Nobody knows how it ended: when a limit ended it, the guest had not been heard for a while. Why that counts, as a sentence. */
  unheard?: string;
}

/**
 * A way into one guest, ready to use: somebody has logged in and run a command. All methods reject with the signal's
 * reason when it aborts, and with coded, retryable errors when the connection is lost. One command at a time.
 */
export interface GuestChannel {
  readonly kind: AccessKind;
  /** SHA-256 fingerprint (`SHA256:…`) of the host key in use; SSH only. */
  readonly hostKey?: string;
  /** Sets the guest's clock to the host's. Throws `GUEST_CLOCK` when the guest refuses (no right, no tool). */
  setClock(signal: AbortSignal): Promise<void>;
  /**
   * Runs a command. Aborting ends its whole process group in the guest before the promise rejects (bounded: 3 s, 5 s in Windows). It does
   * not reject where a limit (`TIMEOUT`, `SILENT`) was reached only because the guest was not heard: that is its end, or `unheard`.
   */
  exec(command: GuestCommand, io: GuestIo, signal: AbortSignal): Promise<GuestExit>;
  /** Unpacks a tar stream into a folder, made if it is missing. */
  upload(tar: Readable, folder: string, signal: AbortSignal): Promise<void>;
  /** Paths of the regular files below `folder`, relative, with `/`. A folder that is missing has none. */
  list(folder: string, signal: AbortSignal): Promise<string[]>;
  /** A tar stream of some of the files below `folder`. The stream is not to be trusted. */
  download(folder: string, files: readonly string[], signal: AbortSignal): Promise<Readable>;
  /**
   * What was learnt about this guest and this user, for `ConnectOptions.memory`. Worth keeping with a clean state: the
   * guests that come from it need not be asked again, which under emulation saves much of a cell's overhead.
   */
  readonly memory?: string;
  /** @param tidy removes what the channel left in the guest. Default: true; a machine that is thrown away needs none. */
  close(tidy?: boolean): Promise<void>;
}

/** What `connect` needs besides the access. Types of `matrix/model.ts` are not imported here: guest knows no matrix. */
export interface Credentials {
  user: string;
  /** Private key text. */
  privateKey?: string;
  passphrase?: string;
  password?: string;
  /** Socket of the SSH agent. */
  agentSocket?: string;
}

export interface ConnectOptions {
  credentials: Credentials;
  os: 'linux' | 'windows' | 'macos' | 'freebsd' | 'other';
  /** The only host key to accept; undefined = accept and report (first use). */
  hostKey?: string;
  /** Console only: a regular expression for what is shown when the shell is ready. Default: whatever answers. */
  prompt?: string;
  /** `GuestChannel.memory` of a guest in the same clean state. One of another user is passed over. */
  memory?: string;
  /** Told of every failed try, for deadlines that must say what they waited for. */
  onAttempt?: (reason: string) => void;
}
