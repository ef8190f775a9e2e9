/**
 * Unkindnesses that tests switch on.
 *
 * - `no-module`, `no-service`, `no-rights`: what a host lacks.
 * - `noise`: a module prints on stdout.
 * - `settling`: Hyper-V is busy for a while after every change, and refuses other commands.
 * - `no-memory`: no VM starts. `no-address`: no guest tells its address.
 * - `bad-login`: no guest takes the name and password of PowerShell Direct.
 * - `hangs`: PowerShell never comes back. `forbidden`: a policy forbids scripts. `cut`: the answer breaks off.
 */
import { FAULTS_VARIABLE } from '../environment.ts';

export type Fault =
  | 'no-module'
  | 'no-service'
  | 'no-rights'
  | 'noise'
  | 'settling'
  | 'no-memory'
  | 'no-address'
  | 'bad-login'
  | 'hangs'
  | 'forbidden'
  | 'cut';

export function hasFault(fault: Fault): boolean {
  return (process.env[FAULTS_VARIABLE] ?? '').split(',').includes(fault);
}
