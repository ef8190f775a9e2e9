import type { VmContext } from '../vm/control.ts';
import { parseToolsState } from './parse.ts';
import { attempt } from './vmrun.ts';

/** Milliseconds. The answer comes from the host, at once. */
const STATE_MS = 10_000;

/** Whether VMware Tools run in the guest. No login is needed, and the exit code means nothing. */
export async function areToolsRunning(vmx: string, context: VmContext): Promise<boolean> {
  const call = { doing: 'asking for VMware Tools', timeout: STATE_MS };
  const { stdout } = await attempt(context, ['checkToolsState', vmx], call);
  return parseToolsState(stdout) === 'running';
}
