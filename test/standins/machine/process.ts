/** The QEMU process of a backing: it outlives the command that starts it, and is found again by its pid file. */
import { spawn } from 'node:child_process';
import { appendFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fitsSocketPath } from '../../../drivers/qemu/unix-socket.ts';
import { writeAtomic } from '../../../src/host/atomic-write.ts';
import type { ProcessIdentity } from '../../../src/host/host.ts';
import { identityOf, liveness } from '../../../src/host/process-identity.ts';
import { GUEST_VARIABLE, STATE_VARIABLE } from '../environment.ts';
import { type Backing, filesOf } from './files.ts';

export interface StartOptions {
  /** A loopback address (127.x.y.z) on whose port 2222 the guest's SSH server answers. Without it, nowhere. */
  address?: string;
  /** Without it, a window is asked for, which a host without a display refuses. */
  headless: boolean;
  /** A file that the serial console is added to. Default: `run/console.log`, new at every start. */
  serial?: string;
}

const POLL_MS = 20;
const KILL_MS = 10_000;

/** Resolves when the process runs; whether it comes up shows at its monitor, or in its log. */
export async function startProcess(
  backing: Backing,
  options: StartOptions,
  loadvm: string | undefined,
): Promise<void> {
  const files = filesOf(backing);
  if (!fitsSocketPath(files.qmp))
    throw new Error(`the path of ${backing.folder} is too long for sockets in it`);
  await rm(files.run, { recursive: true, force: true });
  await mkdir(files.run, { recursive: true });
  await noteStarted(backing);
  const log = await open(files.log, 'a');
  try {
    const argv = await commandLine(backing, options, loadvm);
    const child = spawn('qemu-system-x86_64', argv, { detached: true, stdio: ['ignore', log.fd, log.fd] });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    await writeAtomic(files.pid, JSON.stringify(identityOf(child.pid as number)));
    child.unref();
  } finally {
    await log.close();
  }
}

export async function isAlive(backing: Backing): Promise<boolean> {
  const identity = await recorded(backing);
  return identity !== undefined && liveness(identity) === 'alive';
}

/** Resolves when it has ended; nothing running is no error. */
export async function killProcess(backing: Backing): Promise<void> {
  const identity = await recorded(backing);
  if (!identity || liveness(identity) !== 'alive') return;
  process.kill(identity.pid, 'SIGKILL');
  for (const end = Date.now() + KILL_MS; Date.now() < end; await delay(POLL_MS)) {
    if (liveness(identity) !== 'alive') return;
  }
  throw new Error(`QEMU (process ${identity.pid}) in ${backing.folder} survived SIGKILL`);
}

/** The last that QEMU said, for errors. */
export async function lastWords(backing: Backing): Promise<string> {
  return (await readFile(filesOf(backing).log, 'utf8').catch(() => '')).trim();
}

async function recorded(backing: Backing): Promise<ProcessIdentity | undefined> {
  const text = await readFile(filesOf(backing).pid, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
}

/** A list of all that was ever started with this state, by which a test ends what is left. */
async function noteStarted({ folder }: Backing): Promise<void> {
  const state = process.env[STATE_VARIABLE];
  if (state !== undefined) await appendFile(join(state, STARTED), `${folder}\n`);
}

export const STARTED = 'started';

async function commandLine(
  backing: Backing,
  { address, headless, serial }: StartOptions,
  loadvm: string | undefined,
): Promise<string[]> {
  const guest = process.env[GUEST_VARIABLE];
  if (guest === undefined) throw new Error(`${GUEST_VARIABLE} does not name the folder of the tiny guest`);
  const files = filesOf(backing);
  const forward = address === undefined ? '' : `,hostfwd=tcp:${address}:2222-:22`;
  return [
    ...['-nodefaults', '-no-user-config', '-display', headless ? 'none' : 'gtk', '-vga', 'std'],
    ...['-machine', 'pc', '-accel', 'tcg,tb-size=64', '-cpu', 'max', '-smp', '1', '-m', '128M'],
    ...['-kernel', join(guest, 'vmlinuz'), '-initrd', join(guest, 'initrd')],
    ...['-append', (await readFile(join(guest, 'cmdline'), 'utf8')).trim()],
    ...['-drive', `if=virtio,id=disk0,format=qcow2,cache=unsafe,file=${escaped(files.disk)}`],
    ...['-netdev', `user,id=net0${forward}`, '-device', 'virtio-net-pci,netdev=net0,romfile='],
    ...['-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
    ...['-chardev', `socket,id=qga,server=on,wait=off,path=${escaped(files.qga)}`],
    ...['-device', 'virtserialport,chardev=qga,name=org.qemu.guest_agent.0'],
    ...['-chardev', `file,id=console,append=on,path=${escaped(serial ?? files.console)}`],
    ...['-serial', 'chardev:console', '-qmp', `unix:${escaped(files.qmp)},server=on,wait=off`],
    ...(loadvm === undefined ? [] : ['-loadvm', loadvm]),
  ];
}

/** A comma ends a value in QEMU's option lists, unless it is doubled. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}
