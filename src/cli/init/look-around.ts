/** What a starter file can be made from: the engines of this host, and the images and keys in a folder. */
import { readdir } from 'node:fs/promises';
import type { Probe } from '../../../drivers/driver.ts';
import type { ProbeOnce } from '../../run/plan-target.ts';

export interface Surroundings {
  qemu: Probe;
  /** Names of files. */
  images: string[];
  /** Private keys by the names that `ssh-keygen` gives them. */
  keys: string[];
}

export async function lookAround(folder: string, probes: ProbeOnce): Promise<Surroundings> {
  const { probe: qemu } = await probes.of('qemu');
  const names = (await readdir(folder).catch(() => [])).toSorted();
  return {
    qemu,
    images: names.filter((name) => /\.(qcow2|img|raw)$/i.test(name)),
    keys: names.filter((name) => /^id_\w+$/.test(name)),
  };
}
