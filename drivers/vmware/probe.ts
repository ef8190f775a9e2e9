import { toVmtestError } from '../../src/host/errors.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { findPrograms } from './programs.ts';

/** Is VMware on this host, and which edition? */
export async function probeVmware({ host, signal }: DriverContext): Promise<Probe> {
  try {
    const { vmrun, vmrunVersion, product, edition } = await findPrograms(host, {}, signal);
    const name = product
      ? `VMware ${product.name} ${product.version}`
      : 'a VMware product of unknown version';
    const isPlayer = edition === 'player';
    return {
      available: true,
      ...(product ? { version: product.version } : {}),
      findings: [
        `${name}, ${vmrun} version ${vmrunVersion}`,
        ...(isPlayer ? ['Player has neither snapshots nor clones'] : []),
      ],
      fixes: isPlayer ? ['Install VMware Workstation.'] : [],
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      available: false,
      findings: [toVmtestError(error).message],
      fixes: ['Install VMware Workstation (Linux, Windows) or VMware Fusion (macOS).'],
    };
  }
}
