/** The private key of a target: looked at before anything is started, and read for each login. */
import { readFile, stat } from 'node:fs/promises';
import { VmtestError } from '../host/errors.ts';
import { showArgv } from '../host/exec.ts';

/** @throws VmtestError `GUEST_KEY_UNREADABLE` */
export async function readGuestKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new VmtestError('GUEST_KEY_UNREADABLE', `the key ${path} cannot be read`, {
      hint: 'Check `guest.key` and the rights of that file.',
      cause: error,
    });
  }
}

/** Rights of others than the owner: OpenSSH uses no key that has any. */
const OF_OTHERS = 0o077;

/**
 * What a person should know of a key: no more than a note, since keys of test guests often lie beside the matrix file, where git
 * gives them these rights. Modes of Windows say nothing.
 */
export async function keyNotes(path: string, platform = process.platform): Promise<string[]> {
  if (platform === 'win32') return [];
  const { mode } = await stat(path);
  if ((mode & OF_OTHERS) === 0) return [];
  const rights = (mode & 0o777).toString(8);
  const mend = showArgv(['chmod', '600', path]);
  return [
    `the key ${path} has the mode ${rights}: who else can read it here gets into the guest; \`${mend}\``,
  ];
}
