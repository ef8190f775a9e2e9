/** QEMU's programs on this host: where they are, which version, and what they were built with. */
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileStamp } from '../../src/host/content-key.ts';
import type { Argv } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import type { Arch } from './settings.ts';
import { runTool, senseless } from './tool.ts';

export interface Program {
  path: string;
  /** `7.2.22`. */
  version: string;
  /** The whole first line of `--version`, which names the distributor's build too. */
  banner: string;
  /** Changes when the file does. */
  stamp: string;
}

export interface Programs {
  system: Program;
  /** Accelerators that were compiled in. */
  accelerators: string[];
  img: Program;
}

/**
 * The oldest QEMU that has all that is used here: memory backends by `-machine memory-backend` (5.0), their file
 * descriptions as JSON (6.0). Tested are 7.2, 10.0 and 11.1.
 */
export const OLDEST_VERSION = '6.0.0';

/**
 * Both programs, or the names of those that are missing. `binary` replaces the search for the first.
 * @throws VmtestError `QEMU_PROGRAM_FAILED` for one that does not say what it is.
 */
export async function findPrograms(
  host: Host,
  arch: Arch,
  binary: string | undefined,
  signal: AbortSignal,
): Promise<Programs | { missing: string[] }> {
  const systemName = `qemu-system-${arch}`;
  const system = binary === undefined ? await onPath(systemName) : await ifRunnable(binary);
  const beside = binary === undefined ? undefined : await ifRunnable(join(dirname(binary), 'qemu-img'));
  const img = beside ?? (await onPath('qemu-img'));
  if (system === undefined || img === undefined) {
    const missing = [system === undefined ? (binary ?? systemName) : '', img === undefined ? 'qemu-img' : ''];
    return { missing: missing.filter((name) => name !== '') };
  }
  const asked = listAccelerators(host, system, signal);
  asked.catch(() => {});
  const [described, image] = await Promise.all([describe(host, system, signal), describe(host, img, signal)]);
  // One that is too old has another list, and is refused for its age.
  const accelerators = atLeast(described.version, OLDEST_VERSION) ? await asked : [];
  return { system: described, accelerators, img: image };
}

/** True when version `a` is `b` or newer. */
export function atLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (const [index, wanted] of (right ?? []).entries()) {
    const have = left?.[index] ?? 0;
    if (have !== wanted) return have > wanted;
  }
  return true;
}

const VERSION = /version (\d+\.\d+\.\d+)/;

async function describe(host: Host, path: string, signal: AbortSignal): Promise<Program> {
  const text = await ask(host, [path, '--version'], VERSION, signal);
  const banner = text.split('\n')[0]?.trim() ?? '';
  return {
    path,
    version: VERSION.exec(text)?.[1] ?? '',
    banner,
    stamp: await fileStamp(path),
  };
}

/** A heading, then one a line. */
async function listAccelerators(host: Host, path: string, signal: AbortSignal): Promise<string[]> {
  const text = await ask(host, [path, '-M', 'none', '-accel', 'help'], /^Accelerators/m, signal);
  const lines = text.split('\n').slice(1);
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

const answers = new Map<string, string>();

/** What a program prints about itself: asked once for each version of its file, until it has said what fits. */
async function ask(host: Host, argv: Argv, fits: RegExp, signal: AbortSignal): Promise<string> {
  const key = `${argv.join(' ')}\n${await fileStamp(argv[0])}`;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const failure = { code: 'QEMU_PROGRAM_FAILED', doing: `asking ${argv.join(' ')}` };
  const answer = await runTool(host, argv, { timeout: 20_000, signal }, failure);
  if (!fits.test(answer)) throw senseless(answer, failure);
  answers.set(key, answer);
  return answer;
}

async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = folder === '' ? undefined : await ifRunnable(join(folder, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function ifRunnable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return await realpath(path);
  } catch {
    return undefined;
  }
}
