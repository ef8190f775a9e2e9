/** What a guest's system needs a channel to say, and how it understands the answers: scripts for `sh`, or for PowerShell. */
import type { Readable } from 'node:stream';
import type { GuestCommand, GuestExit } from './channel.ts';
import type { Captured } from './transport.ts';

/** Exit code of the scripts that end a command: nothing of it was running. */
export const NOT_RUNNING = 3;

/** A script with what it reads from its stdin. */
export interface FedScript {
  script: string;
  input: Readable;
}

export interface Dialect {
  /** How long ending a command may take before its promise rejects all the same. Milliseconds. */
  readonly killMs: number;
  /** How long removing the private folder may take: the machine is about to go away. Milliseconds. */
  readonly tidyMs: number;
  /** Path in the guest of a file in the private folder, from a name without odd characters. */
  path(name: string): string;
  /** Sets the guest's clock to now. */
  clock(): string;
  /** @throws VmtestError `GUEST_CLOCK` */
  checkClock(exit: GuestExit): void;
  /**
   * Runs a user's command. Steps before it that fail are told on stderr, as `failedStep` understands.
   * @param base path that the names of all files of this command begin with.
   */
  command(command: GuestCommand, base: string, secret: string): string;
  /**
   * Runs a command's script that comes on its stdin, for transports that such a script is too long for. Told as a failed
   * step when it cannot be kept in the guest.
   */
  fromStdin(base: string, secret: string): string;
  /** Ends the command with all that it started. It ends with `NOT_RUNNING` when that was over, or had never begun. */
  kill(base: string): string;
  /** Unpacks a tar stream, which is read to its end whatever becomes of the script. */
  unpack(tar: Readable, folder: string): FedScript;
  /** @throws VmtestError `GUEST_UPLOAD_FAILED` */
  checkUnpacked(captured: Captured, folder: string): void;
  list(folder: string): string;
  /** @throws VmtestError `GUEST_LIST_FAILED` */
  parseList(captured: Captured, folder: string): string[];
  /** @throws VmtestError `GUEST_PATH_UNSUPPORTED` */
  pack(folder: string, files: readonly string[]): { script: string; input: Buffer };
  /** The tar stream in what such a script prints. */
  tarOf(printed: AsyncGenerator<Buffer, void>, files: readonly string[]): AsyncGenerator<Buffer, void>;
  /** @throws VmtestError `GUEST_DOWNLOAD_FAILED` */
  checkPacked(exit: GuestExit, stderr: string, folder: string): void;
  /** Takes away the private folder. */
  removeFolder(): string;
}
