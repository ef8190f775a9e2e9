/** A backing's disk: made, linked to another's, and its snapshots while nothing runs. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Backing, filesOf, tagOf } from './files.ts';

/** The tiny guest runs from memory; the disk is for what a test writes to /dev/vda, and for saved memory. */
const SIZE = '64M';

export async function makeDisk(backing: Backing): Promise<void> {
  await mkdir(backing.folder, { recursive: true });
  await qemuImg('create', '-q', '-f', 'qcow2', filesOf(backing).disk, SIZE);
}

/**
 * A disk that lies on another's content in a snapshot. QEMU cannot lay a disk upon a snapshot inside another, so what a
 * tiny guest has written is copied: so little that no two clones need to share it.
 */
export async function linkDisk(backing: Backing, parent: Backing, snapshot: string): Promise<void> {
  await mkdir(backing.folder, { recursive: true });
  const { disk, below } = filesOf(backing);
  const from = ['-l', `snapshot.name=${tagOf(snapshot)}`, filesOf(parent).disk];
  // -U: the parent may run; a snapshot does not change under it.
  await qemuImg('convert', '-q', '-U', '-O', 'qcow2', ...from, below);
  await qemuImg('create', '-q', '-f', 'qcow2', '-b', below, '-F', 'qcow2', disk);
}

/** With the snapshots in it, and their memory. */
export async function copyDisk(backing: Backing, parent: Backing): Promise<void> {
  await mkdir(backing.folder, { recursive: true });
  await copyFile(filesOf(parent).disk, filesOf(backing).disk);
}

/** The machine is off, as it is for the next two. */
export function snapshotDisk(backing: Backing, snapshot: string): Promise<void> {
  return qemuImg('snapshot', '-q', '-c', tagOf(snapshot), filesOf(backing).disk);
}

export function restoreDisk(backing: Backing, snapshot: string): Promise<void> {
  return qemuImg('snapshot', '-q', '-a', tagOf(snapshot), filesOf(backing).disk);
}

export async function deleteFromDisk(backing: Backing, snapshot: string): Promise<void> {
  await qemuImg('snapshot', '-q', '-d', tagOf(snapshot), filesOf(backing).disk);
}

async function qemuImg(...args: string[]): Promise<void> {
  await promisify(execFile)('qemu-img', args);
}
