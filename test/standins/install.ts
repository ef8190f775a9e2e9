/** Stand-ins for one test file, which take away what they leave after its tests. */
import { afterAll } from 'vitest';
import { createStandIns, type StandIns } from './create.ts';

export type { StandIns } from './create.ts';
export { FAULTS_VARIABLE } from './environment.ts';

/** Registered while the test file is read: in a hook, where stand-ins are installed, vitest would forget it. */
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends.splice(0)) await end();
});

/** @param commands as `createStandIns` takes them. */
export async function installStandIns(commands: Record<string, string>): Promise<StandIns> {
  const standIns = await createStandIns(commands);
  ends.push(() => standIns.end());
  return standIns;
}
