/** Whether a VM runs. `vmrun list` shows the VMs of this user that run, as they were opened; all else is in files. */
import { realpath } from 'node:fs/promises';
import { VmtestError } from '../../src/host/errors.ts';
import type { VmContext, VmState } from '../vm/control.ts';
import { parseRunning } from './parse.ts';
import { isSuspended, readDictionary } from './vm-files.ts';
import { vmrun } from './vmrun.ts';

/** Undefined when there is no such file. A paused VM looks like a running one. */
export async function stateOf(vmx: string, context: VmContext): Promise<VmState | undefined> {
  if (await isListed(vmx, context)) return 'running';
  const settings = await readDictionary(vmx);
  if (!settings) return undefined;
  return (await isSuspended(vmx, settings)) ? 'saved' : 'off';
}

export async function isListed(vmx: string, context: VmContext): Promise<boolean> {
  const text = await vmrun(context, ['list'], { doing: 'listing the running VMs' });
  const running = parseRunning(text);
  if (running === undefined) {
    throw new VmtestError('VMWARE_ANSWER_UNKNOWN', 'vmrun lists the running VMs in an unknown way', {
      hint: 'Is the program in `vmrun`, or on PATH, the one of VMware?',
      details: text,
    });
  }
  const wanted = await comparable(vmx);
  const paths = await Promise.all(running.map(comparable));
  return paths.includes(wanted);
}

/** Links resolved; on systems where case does not matter, without it. */
async function comparable(path: string): Promise<string> {
  const real = await realpath(path).catch(() => path);
  const caseless = process.platform === 'win32' || process.platform === 'darwin';
  return (caseless ? real.toLowerCase() : real).replaceAll('\\', '/');
}
