/** /dev/kvm, where it makes libvirt slow. */
import { stat } from 'node:fs/promises';

export const KVM = '/dev/kvm';

export interface KvmTrouble {
  finding: string;
  fix: string;
}

/**
 * libvirt lets QEMU say what it can with the right to open any file, then finds that the guests' user may not open /dev/kvm, forgets
 * the answer, and asks anew for each device of each domain: with libvirt 9.0 on two cores, a definition took minutes. Undefined: it
 * is not there, or not root's alone.
 */
export async function kvmTrouble(path: string): Promise<KvmTrouble | undefined> {
  const mode = await stat(path).then(
    (found) => found.mode,
    () => undefined,
  );
  if (mode === undefined || allows(mode, 0o060) || allows(mode, 0o006)) return undefined;
  return {
    finding: `${path} is there for root alone: libvirt, whose guests seldom run as root, asks QEMU what it can again and again, and is very slow`,
    fix: `sudo chgrp kvm ${path} && sudo chmod 660 ${path}    (as udev does where it runs)`,
  };
}

function allows(mode: number, bits: number): boolean {
  return (mode & bits) === bits;
}
