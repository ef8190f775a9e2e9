/**
 * The name of a clean state: a hash over everything that goes into it. Two targets that would get the same machine share
 * one state; whatever changes, changes the name, so that a stale state is never used and never needs to be noticed.
 *
 * What the guest sees is taken from the command line itself, so that no option can be forgotten here.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { contentKey, fileStamp } from '../../src/host/content-key.ts';
import { hardwareIdentity } from './accel.ts';
import { commandLine, type Firmware, type MachineFiles, type MachineSpec } from './command-line.ts';
import type { Plan } from './plan.ts';

/** To be raised when templates are made in another way than before. */
const FORMAT = 2;

/** Stand-ins for what differs from clone to clone. */
const FILES: MachineFiles = {
  name: 'NAME',
  disk: { path: 'DISK', below: [] },
  vars: 'VARS',
  qmp: 'QMP',
  agent: 'AGENT',
  console: 'CONSOLE',
  consoleLog: 'LOG',
  guestPort: 0,
};

/** 32 hexadecimal digits. `cache` is the folder in which content hashes are remembered. */
export async function stateKey(plan: Plan, cache: string, signal: AbortSignal): Promise<string> {
  return digest(await ingredients(plan, (path) => contentKey(path, cache, signal)));
}

/** For a state that is not stored: changes with every change of its files, and none of them is read. */
export async function coldKey(plan: Plan): Promise<string> {
  return digest(await ingredients(plan, fileStamp));
}

/** The files whose content goes into the key. */
export function contentFiles({ image, spec }: Plan): string[] {
  return [...(image ? [image.path, ...image.backing.map(({ path }) => path)] : []), ...filesOf(spec)];
}

function digest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Exported for its test. `hash` answers with the key of a file's content. */
export async function ingredients(plan: Plan, hash: (path: string) => Promise<string>): Promise<unknown> {
  const { spec, target, programs, clean } = plan;
  return {
    format: FORMAT,
    kind: clean.kind,
    snapshot: target.snapshot,
    machine: commandLine(programs.system.banner, withoutPaths(spec), FILES),
    program: programs.system.stamp,
    hardware: hardwareIdentity(spec.accel),
    contents: await Promise.all(contentFiles(plan).map(hash)),
    // Shared folders and CD images: not read, but a change is seen.
    mentioned: await Promise.all(mentionedFiles(spec.args).map(stampIfFile)),
    ready: target.guest.ready,
    // Which ways in were tried before the state was saved is stored with it.
    access: waysTried(plan),
  };
}

/** Where files lie makes no difference to the guest. */
function withoutPaths(spec: MachineSpec): MachineSpec {
  return {
    ...spec,
    ...(spec.kernel === undefined ? {} : { kernel: 'KERNEL' }),
    ...(spec.initrd === undefined ? {} : { initrd: 'INITRD' }),
    firmware: spec.firmware.kind === 'flash' ? flashWithoutPaths(spec.firmware) : withoutPath(spec.firmware),
  };
}

function flashWithoutPaths({ code, vars }: Firmware & { kind: 'flash' }): Firmware {
  return { kind: 'flash', code: { ...code, path: 'CODE' }, vars: { ...vars, path: 'VARS' } };
}

function withoutPath(firmware: Exclude<Firmware, { kind: 'flash' }>): Firmware {
  return firmware.kind === 'file' ? { kind: 'file', path: 'FIRMWARE' } : firmware;
}

function filesOf({ kernel, initrd, firmware }: MachineSpec): string[] {
  const flash = firmware.kind === 'flash' ? [firmware.code.path, firmware.vars.path] : [];
  const file = firmware.kind === 'file' ? [firmware.path] : [];
  return [kernel, initrd, ...flash, ...file].filter((path) => path !== undefined);
}

function mentionedFiles(args: readonly string[]): string[] {
  return args.flatMap((arg) => arg.split(/[,="]/)).filter((word) => isAbsolute(word));
}

async function stampIfFile(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? await fileStamp(path) : undefined;
  } catch {
    return undefined;
  }
}

function waysTried({ target: { guest } }: Plan): unknown {
  const ssh = guest.key !== undefined || guest.password !== undefined || guest.sshAgent;
  return { channel: guest.channel, ssh, port: guest.port };
}
