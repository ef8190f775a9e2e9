/** Is Hyper-V on this host, and may we use it? */
import { toVmtestError } from '../../src/host/errors.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { runScript } from './run-script.ts';

interface Found {
  /** Version of PowerShell. */
  shell: string;
  /** Version of the Hyper-V module, or null. */
  module: string | null;
  /** State of the Virtual Machine Management service, or null. */
  service: string | null;
  rights: boolean;
}

/** Windows' Defender makes the first start of PowerShell after a boot slow. */
const TIMEOUT_MS = 20_000;

export async function probeHyperv({ host, signal }: DriverContext): Promise<Probe> {
  const run = {
    host,
    signal,
    doing: 'asking PowerShell for Hyper-V',
    code: 'HYPERV_PROBE_FAILED',
    timeout: TIMEOUT_MS,
  };
  try {
    return judge((await runScript('probe', {}, run)) as Found);
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message, hint } = toVmtestError(thrown);
    if (code === 'COMMAND_NOT_FOUND') return unavailable(noPowerShell());
    return unavailable([message], hint === undefined ? [] : [hint]);
  }
}

function noPowerShell(): string[] {
  return process.platform === 'win32'
    ? ['Windows PowerShell was not found where Windows has it']
    : ['Hyper-V is a part of Windows'];
}

/** Pure. */
export function judge({ shell, module, service, rights }: Found): Probe {
  const findings = [`PowerShell ${shell}`];
  if (module === null || service === null) {
    const part = module === null ? 'its PowerShell module' : 'the Virtual Machine Management service';
    return unavailable(
      [...findings, `Hyper-V is not installed: ${part} is missing`],
      [
        'Windows Pro, Enterprise and Education: Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All',
        'Windows Server: Install-WindowsFeature -Name Hyper-V -IncludeManagementTools -Restart',
      ],
    );
  }
  findings.push(`Hyper-V module ${module}`);
  if (service !== 'Running')
    return unavailable(
      [...findings, `the Virtual Machine Management service is ${service}`],
      ['Start-Service vmms'],
    );
  if (!rights)
    return unavailable(
      [...findings, 'you may not manage VMs: Hyper-V shows you none'],
      [
        'Add-LocalGroupMember -SID S-1-5-32-578 -Member $env:USERNAME; then log in again (or run vmtest from an elevated terminal)',
      ],
    );
  return { available: true, version: module, acceleration: 'hyper-v', findings, fixes: [] };
}

function unavailable(findings: string[], fixes: string[] = []): Probe {
  return { available: false, findings, fixes };
}
