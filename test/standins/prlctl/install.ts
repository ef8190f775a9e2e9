/** Parallels' programs for one test file. */
import { installStandIns, type StandIns } from '../install.ts';

/** The stand-ins of Parallels' programs; their state may be looked into from this process too. */
export async function installParallels(): Promise<StandIns> {
  const standIns = await installStandIns({ prlctl: 'prlctl/main.ts', prlsrvctl: 'prlctl/prlsrvctl.ts' });
  Object.assign(process.env, standIns.env());
  return standIns;
}
