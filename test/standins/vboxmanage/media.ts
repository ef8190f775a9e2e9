/** Disks in layers: a snapshot freezes the one in use and puts a new one upon it. Their content is the backing's affair. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Hardware, Machine, Medium, Registry } from './state.ts';

export async function addMedium(registry: Required<Registry>, medium: Medium): Promise<void> {
  registry.media.push(medium);
  await mkdir(dirname(medium.path), { recursive: true });
  await writeFile(medium.path, '');
}

/** Every disk of the hardware under a new layer of the machine's own. */
export async function layer(
  hardware: Hardware,
  machine: Pick<Machine, 'folder'>,
  registry: Required<Registry>,
): Promise<Hardware> {
  const copy = structuredClone(hardware);
  for (const controller of copy.controllers) {
    for (const [port, parent] of Object.entries(controller.media)) {
      const uuid = randomUUID();
      const path = join(machine.folder, 'Snapshots', `{${uuid}}.vdi`);
      await addMedium(registry, { uuid, path, parent });
      controller.media[port] = uuid;
    }
  }
  return copy;
}

export function mediaOf({ controllers }: Hardware): string[] {
  return controllers.flatMap(({ media }) => Object.values(media));
}

export function childrenOf(uuid: string, { media }: Required<Registry>): Medium[] {
  return media.filter(({ parent }) => parent === uuid);
}

/** A layer whose snapshot goes: the one upon it takes its place, or it takes that one's when it is the lowest. */
export async function merge(uuid: string, machine: Machine, registry: Required<Registry>): Promise<void> {
  const lower = registry.media.find((medium) => medium.uuid === uuid);
  const [upper] = childrenOf(uuid, registry);
  if (!lower) return;
  if (lower.parent !== undefined) {
    if (upper) upper.parent = lower.parent;
    await removeMedium(uuid, registry);
    return;
  }
  if (!upper) return;
  for (const child of childrenOf(upper.uuid, registry)) child.parent = uuid;
  for (const hardware of [machine.hardware, ...machine.snapshots.map((each) => each.hardware)]) {
    for (const { media } of hardware.controllers) {
      for (const [port, medium] of Object.entries(media)) if (medium === upper.uuid) media[port] = uuid;
    }
  }
  await removeMedium(upper.uuid, registry);
}

export async function removeMedium(uuid: string, registry: Required<Registry>): Promise<void> {
  const medium = registry.media.find((each) => each.uuid === uuid);
  if (!medium) return;
  registry.media = registry.media.filter((each) => each !== medium);
  await rm(medium.path, { force: true });
}
