/** What the programs of the Windows stand-in hand on to each other. */

/** The folder of this host that is drive C. */
export const DRIVE_VARIABLE = 'VMTEST_WINDOWS_DRIVE';
/** The file that all programs are in. */
export const PROGRAMS_VARIABLE = 'VMTEST_WINDOWS_PROGRAMS';
/** Windows' own `Path`; this host needs its own. */
export const PATH_VARIABLE = 'VMTEST_WINDOWS_PATH';
/**
 * Comma-separated unkindnesses: `no-clock` (the user may not set it), `no-temp` (no folder can be written), `odd-temp` (the user's
 * own temporary folder has a blank in its path), `no-links` (the user may not make symbolic links).
 */
export const FAULTS_VARIABLE = 'VMTEST_WINDOWS_FAULTS';

export function drive(): string {
  const folder = process.env[DRIVE_VARIABLE];
  if (folder === undefined) throw new Error(`${DRIVE_VARIABLE} is not set`);
  return folder;
}

export function hasFault(fault: 'no-clock' | 'no-temp' | 'odd-temp' | 'no-links'): boolean {
  return (process.env[FAULTS_VARIABLE] ?? '').split(',').includes(fault);
}
