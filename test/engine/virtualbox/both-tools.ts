/** The real VBoxManage and its stand-in side by side: the same command lines for both, and answers that can be compared. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import { exec } from '../../../src/host/exec.ts';
import type { Host } from '../../../src/host/host.ts';
import { defaultPaths } from '../../../src/host/paths.ts';
import { installStandIns, type StandIns } from '../../standins/install.ts';

export interface Tool {
  host: Host;
  /** The folder that `{work}` in a command line stands for; its machines are in it too. */
  work: string;
}

const REAL = fileURLToPath(new URL('../../standins/vboxmanage/real/', import.meta.url));
const BUILD_MS = 900_000;
/** So long its server waits for the next client. Milliseconds. */
const SERVER_MS = 30_000;

const folders: string[] = [];

// Not in `realTool`: a hook that another one makes is never called.
afterAll(async () => {
  const works = folders.map(workOf);
  const end = Date.now() + SERVER_MS;
  while (Date.now() < end && (await Promise.all(works.map(serves))).includes(true)) await delay(200);
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** @throws Error when it cannot be had here: it is a part of the set-up. */
export async function realTool(): Promise<Tool> {
  const build = promisify(execFile)('bash', [join(REAL, 'build.sh')], { timeout: BUILD_MS });
  const { stdout } = await build.catch((error: { stderr?: string }) => {
    throw new Error(
      `the real VBoxManage could not be had: scripts/setup.sh virtualbox\n${error.stderr ?? error}`,
    );
  });
  const built = stdout.trim().split('\n').at(-1) ?? '';
  const folder = await mkdtemp('/tmp/vbx-');
  const work = workOf(folder);
  await mkdir(work);
  const host = createHost({ paths: { state: join(folder, 'state'), cache: defaultPaths().cache } });
  const run = join(REAL, 'run.sh');
  folders.push(folder);
  return {
    host: { ...host, exec: ([, ...args], options) => exec([run, built, work, ...args], options) },
    work,
  };
}

export async function standInTool(): Promise<Tool & { standIns: StandIns }> {
  const standIns = await installStandIns({ VBoxManage: 'vboxmanage/main.ts' });
  return { host: standIns.host, work: standIns.state, standIns };
}

function workOf(folder: string): string {
  return join(folder, 'work');
}

/** Whether a server with that HOME lives. */
async function serves(home: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''));
  return (await Promise.all(environments)).some((text) => text.split('\0').includes(`HOME=${home}`));
}
