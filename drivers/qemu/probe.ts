/** Is QEMU on this host, for which guests, and how fast? */
import type { DriverContext, Probe } from '../driver.ts';
import { accelSupport, chooseAccel } from './accel.ts';
import { installCommand } from './packages.ts';
import { findPrograms, type Programs } from './programs.ts';
import { type Arch, hostArch } from './settings.ts';

const ARCHITECTURES: readonly Arch[] = ['x86_64', 'aarch64'];

export async function probeQemu({ host, signal }: DriverContext): Promise<Probe> {
  if (process.platform === 'win32')
    return unavailable('vmtest drives QEMU over unix sockets, which Node lacks on Windows', [
      'Use hyperv or virtualbox, or run vmtest in WSL.',
    ]);
  const [support, ...found] = await Promise.all([
    accelSupport(host, signal),
    ...ARCHITECTURES.map((arch) => findPrograms(host, arch, undefined, signal)),
  ]);
  const present = ARCHITECTURES.flatMap((arch, index) => {
    const programs = found[index];
    return programs && !('missing' in programs) ? [{ arch, programs }] : [];
  });
  const own = present.find(({ arch }) => arch === hostArch()) ?? present[0];
  if (!own) return absent(found);
  const choice = chooseAccel('auto', own.arch, own.programs.accelerators, support);
  const { accel, why } = choice as { accel: string; why: string };
  const fix = accel === 'tcg' ? support.kvm.fix : undefined;
  return {
    available: true,
    version: own.programs.system.version,
    acceleration: accel,
    findings: [...present.map(describe), why],
    fixes: fix === undefined ? [] : [fix],
  };
}

function describe({ arch, programs: { system, img } }: { arch: Arch; programs: Programs }): string {
  return `${arch} guests: ${system.path} ${system.version}, ${img.path} ${img.version}`;
}

async function absent(found: readonly (Programs | { missing: string[] })[]): Promise<Probe> {
  const missing = [...new Set(found.flatMap((each) => ('missing' in each ? each.missing : [])))];
  const arch = hostArch() === 'aarch64' ? 'aarch64' : 'x86_64';
  return unavailable(`not found: ${missing.join(', ')}`, [await installCommand([arch, 'qemu-img'])]);
}

function unavailable(finding: string, fixes: string[]): Probe {
  return { available: false, findings: [finding], fixes };
}
