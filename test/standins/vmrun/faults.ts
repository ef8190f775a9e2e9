/**
 * VMware's unkindnesses, switched on by name:
 *
 * - `lingering-locks`: disks stay locked for a while after a power-off;
 * - `late-address`: the first questions for an address get an error, then `unknown`, then the host's end of the network;
 * - `no-address`: the answer stays `unknown`;
 * - `no-tools`: VMware Tools never run in the guest;
 * - `quiet-failures`: errors come with exit code 0;
 * - `auto-resume`: a VM that is put back to a snapshot with memory runs on at once;
 * - `start-fails`, `start-hangs`;
 * - `running-is-fine`: starting a VM that runs is no error.
 */
import { FAULTS_VARIABLE } from '../environment.ts';

export function hasFault(name: string): boolean {
  return (process.env[FAULTS_VARIABLE] ?? '').split(',').includes(name);
}
