/**
 * Trees of files in and out of a guest by `tar` and `find`. The scripts keep to what GNU, busybox and BSD tools share,
 * and use builtins where they can: a started program costs milliseconds in an emulated guest.
 */
import { VmtestError } from '../../host/errors.ts';
import type { GuestExit } from '../channel.ts';
import { type Captured, showExit } from '../transport.ts';
import { GO_HOME } from './go-home.ts';
import { quoteFolder } from './quote.ts';

/** Unpacks a tar stream from stdin. Modes are kept (`p`); archives of ours name no owner but root. */
export function unpackScript(folder: string, gzip: boolean): string {
  const to = quoteFolder(folder);
  return `${GO_HOME}; mkdir -p ${to} && cd ${to} && exec tar -x${gzip ? 'z' : ''}pf -`;
}

/** @throws VmtestError `GUEST_UPLOAD_FAILED` */
export function checkUnpacked({ exit, stderr }: Captured, folder: string): void {
  if (exit.exitCode === 0) return;
  throw new VmtestError(
    'GUEST_UPLOAD_FAILED',
    `the upload could not be unpacked into ${folder} of the guest (${showExit(exit)}): ${lastLine(stderr)}`,
    { hint: 'Is there room on its disk, may its user write there, and is `tar` installed?', details: stderr },
  );
}

/** Names of all regular files, each ended by NUL. A folder that is missing has none. */
export function listScript(folder: string): string {
  const from = quoteFolder(folder);
  return `${GO_HOME}; [ -d ${from} ] || exit 0; cd ${from} && exec find . -type f -print0`;
}

/** `find` ends with 1 when some folder may not be read; what it found stands. */
const FIND_PARTIAL = 1;

/** @throws VmtestError `GUEST_LIST_FAILED` */
export function parseList({ exit, stdout, stderr }: Captured, folder: string): string[] {
  if (exit.exitCode !== 0 && !(exit.exitCode === FIND_PARTIAL && stdout.length > 0)) {
    throw new VmtestError(
      'GUEST_LIST_FAILED',
      `the files in ${folder} of the guest could not be listed (${showExit(exit)}): ${lastLine(stderr)}`,
      { details: stderr },
    );
  }
  return stdout
    .toString()
    .split('\0')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^\.\//, ''));
}

/**
 * Tar archives, one after the other, of the files named on stdin, each ended by NUL. `xargs` divides them, since busybox
 * often has no `tar -T`. A folder that is missing gives an empty archive. COPYFILE_DISABLE keeps macOS from adding files
 * of its own.
 */
export function packScript(folder: string): string {
  const from = quoteFolder(folder);
  const empty = 'dd if=/dev/zero bs=512 count=2 2>/dev/null';
  return `${GO_HOME}; [ -d ${from} ] || exec ${empty}; cd ${from} || exit 3; COPYFILE_DISABLE=1 exec xargs -0 tar -cf -`;
}

/**
 * `packScript`'s stdin. The `./` keeps a name from being taken for an option.
 * @throws VmtestError `GUEST_PATH_UNSUPPORTED` for names that cannot be told to every tar: GNU's takes a backslash for an
 * escape, and the option against that is unknown to others.
 */
export function packList(files: readonly string[]): Buffer {
  const odd = files.find((file) => /[\0\\]/.test(file));
  if (odd === undefined) return Buffer.from(files.map((file) => `./${file}\0`).join(''));
  throw new VmtestError('GUEST_PATH_UNSUPPORTED', `the file ${JSON.stringify(odd)} cannot be fetched`, {
    hint: 'Names with backslashes are not supported.',
  });
}

/** tar's complaints, also through `xargs` (123): a file that vanished or may not be read is missing in a whole archive. */
const TAR_COMPLAINTS = [0, 1, 2, 123];

/** @throws VmtestError `GUEST_DOWNLOAD_FAILED` */
export function checkPacked(exit: GuestExit, stderr: string, folder: string): void {
  if (exit.exitCode !== undefined && TAR_COMPLAINTS.includes(exit.exitCode)) return;
  throw new VmtestError(
    'GUEST_DOWNLOAD_FAILED',
    `the files in ${folder} of the guest could not be fetched (${showExit(exit)}): ${lastLine(stderr)}`,
    { details: stderr },
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
