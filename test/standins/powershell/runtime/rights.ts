import { hasFault } from '../faults.ts';

const HYPER_V_ADMINISTRATORS = 'S-1-5-32-578';

/** Whether the caller is in a group: a Hyper-V administrator, but no elevated administrator. */
export function rights(sid: string): boolean {
  return sid === HYPER_V_ADMINISTRATORS && !hasFault('no-rights');
}
