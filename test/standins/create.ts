/** Stand-ins for vendors' commands in a folder of their own, first in the PATH of one host. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createHost } from '../../src/host/create-host.ts';
import { exec, spawn } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import { defaultPaths } from '../../src/host/paths.ts';
import { bundle } from '../support/bundle.ts';
import { tinyGuest } from '../support/guests.ts';
import { CLIENT_VARIABLE, FAULTS_VARIABLE, GUEST_VARIABLE, STATE_VARIABLE } from './environment.ts';
import { isRunning, kill } from './machine/backing.ts';
import { STARTED } from './machine/process.ts';

export interface StandIns {
  /** Its commands find the stand-ins; its state is a scratch folder of its own. */
  host: Host;
  /** What a process of its own (the CLI) needs in its environment to find them too. */
  env(): Record<string, string>;
  /** Where the stand-ins keep their machines. */
  state: string;
  /** The folder in PATH with the commands. A test may remove one, or put another program in its place. */
  bin: string;
  /** In force for every command from now on. */
  setFaults(...faults: string[]): void;
  /** Folders of the machines that still run. */
  leftovers(): Promise<string[]>;
  /** Ends them by force. */
  killLeftovers(): Promise<void>;
  /** Takes everything away. */
  end(): Promise<void>;
}

/**
 * @param commands the vendor's command names, each with the program that stands in for it, relative to `test/standins`:
 * `{ prlctl: 'prlctl/main.ts' }`.
 */
export async function createStandIns(commands: Record<string, string>): Promise<StandIns> {
  // Short, as the paths of sockets are limited to some 100 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'vms-'));
  const bin = join(folder, 'bin');
  const state = join(folder, 's');
  for (const path of [bin, state]) await mkdir(path);
  for (const [name, program] of Object.entries(commands)) await writeWrapper(join(bin, name), program);
  const guest = (await tinyGuest()).folder;
  let faults = '';
  const env = () => ({
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    [STATE_VARIABLE]: state,
    [GUEST_VARIABLE]: guest,
    [FAULTS_VARIABLE]: faults,
  });
  const leftovers = () => runningIn(state);
  const killLeftovers = async () => {
    for (const left of await leftovers()) await kill({ folder: left });
  };
  return {
    host: hostWith(env, join(folder, 'host')),
    env,
    state,
    bin,
    setFaults: (...names) => {
      faults = names.join(',');
    },
    leftovers,
    killLeftovers,
    end: async () => {
      await killLeftovers();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function hostWith(env: () => Record<string, string>, state: string): Host {
  const host = createHost({ paths: { state, cache: defaultPaths().cache } });
  return {
    ...host,
    exec: (argv, options) => exec(argv, { ...options, env: { ...env(), ...options?.env } }),
    spawn: (argv, options) => spawn(argv, { ...options, env: { ...env(), ...options?.env } }),
  };
}

/**
 * As one file, which starts in a quarter of the time that tsx takes to load the sources (0.08 s against 0.3 s of processor
 * time): a driver runs dozens of commands for each machine.
 */
async function writeWrapper(path: string, program: string): Promise<void> {
  const outfile = `${path}.mjs`;
  await bundleStandIn(program, outfile);
  await writeFile(path, wrapperOf(`'${process.execPath}' '${outfile}' "$@"`));
  await chmod(path, 0o755);
}

/**
 * Two processes, as with real vendors: whoever ends the command does not end the service that works for it (`service.ts`). But for
 * commands that hang: those are to be ended, if need be by force.
 */
function wrapperOf(command: string): string {
  return `#!/bin/sh
case $${FAULTS_VARIABLE} in *hang*) exec ${command} ;; esac
exec 3<&0
${CLIENT_VARIABLE}=$$ setsid ${command} <&3 3<&- &
wait $!
`;
}

/** @param program relative to `test/standins`. */
export function bundleStandIn(program: string, outfile: string): Promise<void> {
  return bundle(new URL(program, import.meta.url), outfile);
}

async function runningIn(state: string): Promise<string[]> {
  const started = await readFile(join(state, STARTED), 'utf8').catch(() => '');
  const running: string[] = [];
  for (const folder of new Set(started.split('\n').filter((line) => line !== ''))) {
    if (await isRunning({ folder })) running.push(folder);
  }
  return running;
}
