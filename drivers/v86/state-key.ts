/**
 * The name of a clean state: a hash over everything that goes into it. Two targets that would get the same machine share
 * one state; whatever changes, changes the name, so that a stale state is never used and never needs to be noticed.
 */
import { createHash } from 'node:crypto';
import { contentKey, fileStamp } from '../../src/host/content-key.ts';
import { version as thisVersion } from '../../src/host/this-package.ts';
import type { Plan } from './plan.ts';

/** To be raised when states are made in another way than before. */
const FORMAT = 2;

/** 32 hexadecimal digits. `cache` is the folder in which content hashes are remembered. */
export async function stateKey(plan: Plan, cache: string, signal: AbortSignal): Promise<string> {
  return digest(plan, (path) => contentKey(path, cache, signal));
}

/** For a state that is not stored: changes with every change of its files, and none of them is read. */
export function coldKey(plan: Plan): Promise<string> {
  return digest(plan, fileStamp);
}

/** The files whose content goes into the key, by the key that names them. */
export function contentFiles({ settings, bios }: Plan): [name: string, path: string][] {
  const { kernel, initrd, image, cdrom, floppy } = settings;
  const files = { kernel, initrd, image, cdrom, floppy, ...bios };
  return Object.entries(files).flatMap(([name, path]) => (path === undefined ? [] : [[name, path]]));
}

async function digest(plan: Plan, hash: (path: string) => Promise<string>): Promise<string> {
  const { target, settings, version } = plan;
  const { memory, vgaMemory, network, bootOrder, append } = settings;
  const { guest } = target;
  const contents: [name: string, hash: string][] = [];
  for (const [name, path] of contentFiles(plan)) contents.push([name, await hash(path)]);
  const ingredients = {
    format: FORMAT,
    version,
    // The console channel's server stays in the guest's shell; another release may talk to it in another way.
    by: thisVersion(),
    snapshot: target.snapshot,
    machine: { memory, vgaMemory, network, bootOrder, append },
    contents,
    ready: guest.ready,
    // Which ways in were tried before the state was saved is stored with it.
    access: {
      channel: guest.channel,
      ssh: guest.key !== undefined || guest.password !== undefined || guest.sshAgent,
      port: guest.port,
    },
  };
  return createHash('sha256').update(JSON.stringify(ingredients)).digest('hex').slice(0, 32);
}
