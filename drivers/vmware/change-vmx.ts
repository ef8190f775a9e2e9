import { readFile } from 'node:fs/promises';
import { writeAtomic } from '../../src/host/atomic-write.ts';
import { VmtestError } from '../../src/host/errors.ts';
import { withKeys } from './dictionary.ts';

/**
 * Sets keys in a `.vmx` file. The VM must be off, and ours.
 * @throws VmtestError `VMWARE_PATH_UNSUPPORTED` for a value that the file's character set cannot hold.
 */
export async function changeVmx(vmx: string, values: Readonly<Record<string, string>>): Promise<void> {
  const changed = withKeys(await readFile(vmx), values);
  if (changed === undefined) {
    throw new VmtestError(
      'VMWARE_PATH_UNSUPPORTED',
      `${vmx} is not written in UTF-8, and a path has letters beyond ASCII`,
      {
        hint: 'Give vmtest a folder for its state without such letters, with XDG_STATE_HOME.',
      },
    );
  }
  await writeAtomic(vmx, changed);
}
