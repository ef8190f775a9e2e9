/** Disk images, by `qemu-img`: looking at them, overlays, and the states inside them. */
import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileStamp } from '../../src/host/content-key.ts';
import type { Argv } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import type { FileImage } from './command-line.ts';
import { runTool, senseless } from './tool.ts';

export interface ImageInfo {
  path: string;
  format: string;
  /** Bytes that the guest sees. */
  virtualSize: number;
  snapshots: InternalSnapshot[];
  /** Files below this one, nearest first. */
  backing: FileImage[];
}

export interface InternalSnapshot {
  name: string;
  /** Holds memory and device state, not only the disk. */
  vmState: boolean;
}

/** Tools for one `qemu-img` program. */
export interface ImageTool {
  host: Host;
  program: string;
  signal: AbortSignal;
}

const LOOK_MS = 30_000;
/** Copying a large disk over a slow one; the caller's deadline is usually nearer. */
const COPY_MS = 3_600_000;

/**
 * Reads an image's header and those below it. Fails when a program has it open for writing.
 * @throws VmtestError coded by `errors.ts`, else `QEMU_IMAGE_UNREADABLE`.
 */
export async function inspectImage(tool: ImageTool, path: string): Promise<ImageInfo> {
  const argv: Argv = [tool.program, 'info', '--output=json', '--backing-chain', path];
  const doing = `looking at the image ${path}`;
  const answer = await run(tool, argv, LOOK_MS, doing);
  const chain = parseChain(answer);
  const [top] = chain;
  if (!top) throw senseless(answer, { code: 'QEMU_IMAGE_UNREADABLE', doing });
  return {
    path,
    format: top.format,
    virtualSize: top['virtual-size'],
    snapshots: (top.snapshots ?? []).map((each) => ({ name: each.name, vmState: each['vm-state-size'] > 0 })),
    backing: chain.slice(1).map(({ filename, format }) => ({ path: resolve(filename), format })),
  };
}

interface RawInfo {
  filename: string;
  format: string;
  'virtual-size': number;
  snapshots?: { name: string; 'vm-state-size': number }[];
}

/** The image and those below it; nothing at all where one of them is told in another form. */
function parseChain(answer: string): RawInfo[] {
  try {
    const chain = JSON.parse(answer) as Partial<RawInfo>[];
    return chain.every(isInfo) ? (chain as RawInfo[]) : [];
  } catch {
    return [];
  }
}

function isInfo(info: Partial<RawInfo>): boolean {
  const { filename, format, 'virtual-size': size, snapshots = [] } = info;
  const isNamed = typeof filename === 'string' && typeof format === 'string' && typeof size === 'number';
  return isNamed && Array.isArray(snapshots);
}

const seen = new Map<string, { stamp: string; info: ImageInfo }>();

/** What `inspectImage` said of the very same file before: for a cell's start, where 20 ms count. */
export async function knownImage(tool: ImageTool, path: string): Promise<ImageInfo> {
  const stamp = await fileStamp(path);
  const before = seen.get(path);
  if (before?.stamp === stamp) return before.info;
  const info = await inspectImage(tool, path);
  seen.set(path, { stamp, info });
  return info;
}

/** An empty qcow2 file over another image, which is opened for reading only and must not change any more. */
export async function createOverlay(
  tool: ImageTool,
  path: string,
  { path: base, format }: FileImage,
): Promise<void> {
  await run(
    tool,
    [tool.program, 'create', '-q', '-f', 'qcow2', '-b', base, '-F', format, path],
    LOOK_MS,
    'making a disk overlay',
  );
}

/**
 * An overlay of a file that will come to lie at `base` only later. It can be copied for every machine, which takes a
 * hundredth of the time that starting `qemu-img` does.
 */
export async function createBlankOverlay(
  tool: ImageTool,
  path: string,
  base: string,
  virtualSize: number,
): Promise<void> {
  await run(
    tool,
    [tool.program, 'create', '-q', '-f', 'qcow2', '-u', '-b', base, '-F', 'qcow2', path, String(virtualSize)],
    LOOK_MS,
    'making a disk overlay',
  );
}

/** The same content in a qcow2 file that needs no other. */
export async function convertImage(
  tool: ImageTool,
  { path: from, format }: FileImage,
  path: string,
): Promise<void> {
  const argv: Argv = [tool.program, 'convert', '-q', '-f', format, '-O', 'qcow2', from, path];
  await run(tool, argv, COPY_MS, 'copying an image');
}

/** The disk of an internal snapshot as an image of its own: such a snapshot cannot lie below an overlay. */
export async function extractSnapshot(
  tool: ImageTool,
  image: FileImage,
  snapshot: string,
  path: string,
): Promise<void> {
  const argv: Argv = [
    ...([tool.program, 'convert', '-q', '-f', image.format, '-O', 'qcow2'] as const),
    ...['-l', `snapshot.name=${snapshot.replaceAll(',', ',,')}`, image.path, path],
  ];
  await run(tool, argv, COPY_MS, `taking the snapshot ${snapshot} out of the image`);
}

/**
 * A private copy of an image with all that is inside it, by sharing blocks where the file system can. What it lies on
 * may be named relative to its old place.
 */
export async function copyImage(tool: ImageTool, image: ImageInfo, path: string): Promise<void> {
  await copyFile(image.path, path, constants.COPYFILE_FICLONE);
  await chmod(path, 0o600);
  const [base] = image.backing;
  if (!base) return;
  const argv: Argv = [
    tool.program,
    'rebase',
    '-q',
    '-u',
    '-f',
    image.format,
    '-b',
    base.path,
    '-F',
    base.format,
    path,
  ];
  await run(tool, argv, LOOK_MS, 'copying the image');
}

function run({ host, signal }: ImageTool, argv: Argv, timeout: number, doing: string): Promise<string> {
  return runTool(host, argv, { timeout, signal }, { code: 'QEMU_IMAGE_UNREADABLE', doing });
}
