/** What a target needs of this host: each look-up answers with what it found, or with the problem in words. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toVmtestError } from '../../src/host/errors.ts';
import type { DriverContext, TargetProblem } from '../driver.ts';
import { type AccelChoice, accelSupport, chooseAccel } from './accel.ts';
import type { Firmware } from './command-line.ts';
import { findFirmware } from './firmware.ts';
import { type ImageInfo, inspectImage, knownImage } from './image.ts';
import { installCommand } from './packages.ts';
import { atLeast, findPrograms, OLDEST_VERSION, type Programs } from './programs.ts';
import type { Settings } from './settings.ts';
import { fitsSocketPath } from './unix-socket.ts';

export type Found<T> = { value: T } | { problem: TargetProblem };

/** The longest path of a socket that a machine will have, with an id of eight characters. */
export function socketProblems(state: string): TargetProblem[] {
  if (fitsSocketPath(join(state, 'machines', 'abcdefgh', 'console.sock'))) return [];
  return [
    {
      code: 'QEMU_PATH_TOO_LONG',
      message: `the folder for vmtest's state has too long a path for the sockets in it: ${state}`,
      hint: 'Choose a shorter one with XDG_STATE_HOME.',
    },
  ];
}

export async function fileProblems(settings: Settings): Promise<TargetProblem[]> {
  const { image, kernel, initrd } = settings;
  const files = { image: image?.path, kernel, initrd };
  const problems = await Promise.all(
    Object.entries(files).map(([key, path]) =>
      path === undefined ? undefined : unreadable(key, path, settings),
    ),
  );
  return problems.filter((problem) => problem !== undefined);
}

async function unreadable(key: string, path: string, settings: Settings): Promise<TargetProblem | undefined> {
  try {
    await access(path, constants.R_OK);
    return key === 'image' && !(await stat(path)).isFile() ? notRegular(path) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      return { code: 'QEMU_FILE_DENIED', message: `\`${key}\`: there is no permission to read ${path}` };
    }
    if (key === 'image' && settings.imageUrl !== undefined) return notPulled(settings.imageUrl);
    return {
      code: 'QEMU_FILE_MISSING',
      message: `\`${key}\`: there is no file ${path}`,
      hint: 'Relative paths are relative to the folder of the matrix file.',
    };
  }
}

/** Of a device nobody can tell whether its content has changed. */
function notRegular(path: string): TargetProblem {
  return {
    code: 'QEMU_IMAGE_FORMAT',
    message: `\`image\`: ${path} is not a regular file`,
    hint: `Copy it into one: qemu-img convert -O qcow2 ${path} disk.qcow2`,
  };
}

function notPulled(url: string): TargetProblem {
  return {
    code: 'IMAGE_NOT_PULLED',
    message: `the image ${url} is not in the cache`,
    hint: 'Fetch it with: vmtest image pull',
  };
}

export async function findQemu(
  { arch, binary }: Settings,
  { host, signal }: DriverContext,
): Promise<Found<Programs>> {
  const found = await findPrograms(host, arch, binary, signal);
  if ('missing' in found) {
    const parts = found.missing.map((name) => (name === 'qemu-img' ? 'qemu-img' : arch));
    return problem(
      'QEMU_PROGRAM_MISSING',
      `not found: ${found.missing.join(', ')}`,
      binary === undefined ? await installCommand(parts) : 'Check `binary`.',
    );
  }
  const { path, version } = found.system;
  if (atLeast(version, OLDEST_VERSION)) return { value: found };
  return problem('QEMU_TOO_OLD', `${path} is version ${version}`, `vmtest needs ${OLDEST_VERSION} or newer.`);
}

export async function findAccel(
  { accel, arch }: Settings,
  { accelerators }: Programs,
  { host, signal }: DriverContext,
): Promise<Found<AccelChoice>> {
  const choice = chooseAccel(accel, arch, accelerators, await accelSupport(host, signal));
  if ('accel' in choice) return { value: choice };
  return problem(
    'QEMU_ACCEL_MISSING',
    `\`accel: ${accel}\` cannot be had: ${choice.refused}`,
    choice.fix ?? 'Use `accel: auto`.',
  );
}

export async function findFirmwareFiles(
  { firmware, arch }: Settings,
  { system }: Programs,
): Promise<Found<Firmware>> {
  const found = await findFirmware(firmware, arch, system.path);
  if (found) return { value: found };
  if (typeof firmware === 'object') {
    return problem('QEMU_FIRMWARE_MISSING', `\`firmware\`: there is no file ${firmware.path}`);
  }
  return problem(
    'QEMU_FIRMWARE_MISSING',
    `there is no UEFI firmware for ${arch} on this host`,
    await installCommand([`uefi-${arch}`]),
  );
}

/** Undefined for a target without an image, and for one whose file is missing, which `fileProblems` tells. */
export async function findImage(
  { image }: Settings,
  { img }: Programs,
  look: 'again' | 'once',
  { host, signal }: DriverContext,
): Promise<Found<ImageInfo | undefined>> {
  if (!image || !(await exists(image.path))) return { value: undefined };
  try {
    const tool = { host, program: img.path, signal };
    const info = await (look === 'again' ? inspectImage : knownImage)(tool, image.path);
    return wrongFormat(info) ?? { value: info };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, hint } = toVmtestError(error);
    // The image itself is there, so this is about one that it lies on.
    return code === 'QEMU_FILE_MISSING' ? backingMissing(message) : problem(code, message, hint);
  }
}

function backingMissing(message: string): { problem: TargetProblem } {
  return problem(
    'QEMU_BACKING_MISSING',
    `${message}; the image lies on it`,
    'Bring that file back, or tell the image its new place: qemu-img rebase -u -b NEW-PATH -F FORMAT IMAGE',
  );
}

const DISK_FORMATS = ['raw', 'qcow2', 'vmdk', 'vdi', 'vhdx', 'vpc', 'qed'];

/** QEMU takes whatever it cannot recognise for a raw disk; the name says what it should have been. */
function wrongFormat({ path, format }: ImageInfo): { problem: TargetProblem } | undefined {
  const named = /\.(qcow2|vmdk|vdi|vhdx)$/i.exec(path)?.[1]?.toLowerCase();
  if ((named ?? format) === format && DISK_FORMATS.includes(format)) return undefined;
  const really = format === 'raw' ? 'it has no such header' : `it is in the format ${format}`;
  return problem(
    'QEMU_IMAGE_FORMAT',
    `${path} is not a ${named ?? 'disk'} image: ${really}`,
    'Look at it with: qemu-img info IMAGE. A compressed image must be unpacked first.',
  );
}

function problem(code: string, message: string, hint?: string): { problem: TargetProblem } {
  return { problem: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
