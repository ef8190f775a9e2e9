/** The host with all six engines for the tests of a file. */
import { afterAll, beforeAll } from 'vitest';
import { installStandIns } from '../standins/install.ts';
import { type SixEngines, sixEngines } from './six-engines.ts';

/** @param vm name of the VMs. @returns the engines, once tests run. */
export function useSixEngines(vm: string): () => SixEngines {
  let engines: SixEngines | undefined;
  beforeAll(async () => {
    engines = await sixEngines(vm, installStandIns);
  });
  afterAll(async () => {
    await engines?.libvirt.end();
  });
  return () => {
    if (!engines) throw new Error('the engines are there when tests run');
    return engines;
  };
}
