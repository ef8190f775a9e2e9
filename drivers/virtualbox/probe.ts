/** Whether VirtualBox is here, which one, and whether it could start anything. */
import { toVmtestError } from '../../src/host/errors.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { explain } from './errors.ts';
import { parseVms } from './lists.ts';
import { manage, runTool } from './tool.ts';
import { isNewer, isTooOld, NEWEST, OLDEST, parseVersion } from './version.ts';

const TIMEOUT_MS = 5_000;

export async function probe(context: DriverContext): Promise<Probe> {
  const { host, signal } = context;
  const options = { signal, timeout: TIMEOUT_MS };
  try {
    const doing = 'asking VirtualBox for its version';
    const { exitCode, stdout, stderr, warnings } = await runTool(host, ['--version'], { ...options, doing });
    const version = parseVersion(stdout);
    if (exitCode !== 0 || version === undefined) return absent(brokenInstall(exitCode, stdout + stderr));
    if (isTooOld(version)) {
      return { ...absent(`VirtualBox ${version} is too old`, `Install ${OLDEST} or later.`), version };
    }
    const warned = `${warnings}${stderr}`.trim();
    if (warned !== '') {
      const { message, hint } = explain(warned, { doing: 'starting a VM', code: 'VIRTUALBOX_NO_DRIVER' });
      return { ...absent(message, hint), version };
    }
    // Starts VBoxSVC too, which is what fails when an installation is half there.
    const vms = parseVms(
      await manage(host, ['list', 'vms'], { ...options, doing: 'listing the VMs of VirtualBox' }),
    );
    const findings = [`VirtualBox ${version}, ${vms.length} VM${vms.length === 1 ? '' : 's'} of this user`];
    if (isNewer(version)) findings.push(`newer than ${NEWEST}, the last that vmtest was tried with`);
    return { available: true, version, findings, fixes: [] };
  } catch (error) {
    signal.throwIfAborted();
    const { message, hint } = toVmtestError(error);
    return absent(message, hint);
  }
}

function absent(finding: string, fix?: string): Probe {
  return { available: false, findings: [finding], fixes: fix === undefined ? [] : [fix] };
}

/** 126: the wrapper script is there, the program behind it is not. */
function brokenInstall(exitCode: number | undefined, said: string): string {
  return exitCode === 126
    ? 'VirtualBox is only half installed: VBoxManage finds no program behind it'
    : `VBoxManage --version gave ${JSON.stringify(said.trim().slice(0, 200))}`;
}
