/** The vendor's unkindnesses that tests switch on. */
import { FAULTS_VARIABLE } from '../environment.ts';

export type Fault =
  /** `start` and `resume` return while the VM is still shown as stopped, then as starting. */
  | 'slow-states'
  /** For a while after a kill, what changes the VM is refused. */
  | 'lingering-lock'
  /** JSON comes after a warning, and with raw control characters inside. */
  | 'junk'
  /** `exec` swallows what is printed in the first moments, and every non-zero exit code. */
  | 'lossy-exec'
  /** Every third `exec` finds the channel stale. */
  | 'stale-exec'
  /** No address is shown. */
  | 'no-address'
  /** `start` says that it worked, and nothing runs. */
  | 'start-fails'
  /** Nothing comes to an end. */
  | 'hang'
  /** The dispatcher does not answer. */
  | 'service-down'
  /** An edition without a command line. */
  | 'standard-edition'
  /** `set` knows fewer settings. */
  | 'few-settings';

export function hasFault(fault: Fault): boolean {
  return (process.env[FAULTS_VARIABLE] ?? '').split(',').includes(fault);
}
