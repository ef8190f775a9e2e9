/** Is QEMU on this host, for which guests, and how fast? */
import { toVmtestError } from '../../src/host/errors.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { accelSupport, chooseAccel } from './accel.ts';
import { installCommand } from './packages.ts';
import { findPrograms, type Programs } from './programs.ts';
import { type Arch, hostArch } from './settings.ts';

const ARCHITECTURES: readonly Arch[] = ['x86_64', 'aarch64'];

export async function probeQemu({ host, signal }: DriverContext): Promise<Probe> {
  if (process.platform === 'win32')
    return unavailable(
      ['vmtest drives QEMU over unix sockets, which Node lacks on Windows'],
      ['Use hyperv or virtualbox, or run vmtest in WSL.'],
    );
  const [support, ...found] = await Promise.all([
    accelSupport(host, signal),
    ...ARCHITECTURES.map((arch) => lookFor(arch, { host, signal })),
  ]);
  const present = ARCHITECTURES.flatMap((arch, index) => {
    const programs = found[index];
    return programs && 'system' in programs ? [{ arch, programs }] : [];
  });
  const own = present.find(({ arch }) => arch === hostArch()) ?? present[0];
  const troubles = found.flatMap((each) => ('trouble' in each ? [each.trouble] : []));
  if (!own) return absent(found, troubles);
  const choice = chooseAccel('auto', own.arch, own.programs.accelerators, support);
  const { accel, why } = choice as { accel: string; why: string };
  const fix = accel === 'tcg' ? support.kvm.fix : undefined;
  return {
    available: true,
    version: own.programs.system.version,
    acceleration: accel,
    findings: [...present.map(describe), ...troubles, why],
    fixes: fix === undefined ? [] : [fix],
  };
}

function describe({ arch, programs: { system, img } }: { arch: Arch; programs: Programs }): string {
  return `${arch} guests: ${system.path} ${system.version}, ${img.path} ${img.version}`;
}

type Looked = Awaited<ReturnType<typeof findPrograms>> | { trouble: string };

/** A program for the other architecture that does not work keeps nobody from using this one's. */
async function lookFor(arch: Arch, { host, signal }: DriverContext): Promise<Looked> {
  try {
    return await findPrograms(host, arch, undefined, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { trouble: `${arch} guests: ${toVmtestError(error).message}` };
  }
}

async function absent(found: readonly Looked[], troubles: readonly string[]): Promise<Probe> {
  const missing = [...new Set(found.flatMap((each) => ('missing' in each ? each.missing : [])))];
  const arch = hostArch() === 'aarch64' ? 'aarch64' : 'x86_64';
  const findings = [...troubles, ...(missing.length === 0 ? [] : [`not found: ${missing.join(', ')}`])];
  return unavailable(findings, [await installCommand([arch, 'qemu-img'])]);
}

function unavailable(findings: string[], fixes: string[]): Probe {
  return { available: false, findings, fixes };
}
