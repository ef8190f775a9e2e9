/** Guests that misbehave, by the way into them. */
import type { AccessKind } from '../../../src/guest/channel.ts';
import { debianGuest, i386Guest, tinyGuest } from '../../support/guests.ts';

export interface AttackedTarget {
  kind: AccessKind;
  /** Keys of the target in the matrix file. */
  keys: object;
}

const QEMU = ['agent', 'ssh', 'console'] as const;

/** `agent`, `ssh`, `console`: a tiny Linux on QEMU. `v86`: one by its console. `debian`: a whole one, by SSH. */
export async function targetsOf(names: readonly string[]): Promise<Record<string, AttackedTarget>> {
  const made = await Promise.all(names.map(async (name) => [name, await targetOf(name)] as const));
  return Object.fromEntries(made);
}

async function targetOf(name: string): Promise<AttackedTarget> {
  const kind = QEMU.find((each) => each === name);
  if (kind !== undefined) return qemu(kind);
  if (name === 'v86') return v86();
  if (name === 'debian') return debian();
  throw new Error(`target ${name}? One of ${[...QEMU, 'v86', 'debian'].join(', ')}`);
}

async function qemu(kind: AccessKind): Promise<AttackedTarget> {
  const { kernel, initrd, append, key } = await tinyGuest();
  const guest = { user: 'root', key, channel: kind };
  return { kind, keys: { engine: 'qemu', kernel, initrd, append, memory: '128M', guest } };
}

async function v86(): Promise<AttackedTarget> {
  const { kernel, initrd, append } = await i386Guest();
  const guest = { channel: 'console' };
  return { kind: 'console', keys: { engine: 'v86', kernel, initrd, append, memory: '96M', guest } };
}

async function debian(): Promise<AttackedTarget> {
  const { kernel, initrd, append, image, key } = await debianGuest(12);
  const guest = { user: 'root', key, channel: 'ssh' };
  return { kind: 'ssh', keys: { engine: 'qemu', kernel, initrd, append, image, memory: '512M', guest } };
}
