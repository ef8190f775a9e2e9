/** A live template and its clones in the fewest steps that do it, with the devices that vmtest gives a guest too. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openAgent, runByAgent } from './guest.ts';
import { connectSoon, Line } from './qmp.ts';

export interface Guest {
  folder: string;
  memory: number;
}

const IGNORE_SHARED = {
  capabilities: ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true })),
};

function argv({ folder, memory }: Guest, own: string, ram: string, share: boolean): string[] {
  const disk = join(own, 'disk.qcow2');
  const cmdline = join(folder, 'cmdline');
  const append = existsSync(cmdline) ? readFileSync(cmdline, 'utf8').trim() : 'console=ttyS0 quiet';
  const socket = (id: string) => `socket,id=${id},path=${join(own, id)},server=on,wait=off`;
  return [
    ...['-name', 'guest=floor', '-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'std'],
    ...['-machine', 'q35,memory-backend=pc.ram', '-accel', 'tcg,tb-size=128', '-cpu', 'max'],
    ...['-m', `${memory}M`],
    ...[
      '-object',
      `memory-backend-file,id=pc.ram,size=${memory}M,mem-path=${ram},share=${share ? 'on' : 'off'}`,
    ],
    ...['-kernel', join(folder, 'vmlinuz'), '-initrd', join(folder, 'initrd'), '-append', append],
    ...(existsSync(disk) ? ['-drive', `if=virtio,format=qcow2,file=${disk},cache=unsafe`] : []),
    ...['-netdev', 'user,id=n0,hostfwd=tcp:127.0.0.1:0-:22', '-device', 'virtio-net-pci,netdev=n0,romfile='],
    ...['-device', 'virtio-rng-pci', '-device', 'vmgenid,guid=auto', '-device', 'pvpanic'],
    ...['-chardev', `${socket('console')},logfile=${join(own, 'log')}`, '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci', '-chardev', socket('agent')],
    ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    ...['-chardev', socket('qmp'), '-qmp', 'chardev:qmp'],
  ];
}

async function qmpOf(own: string): Promise<Line> {
  const qmp = new Line(await connectSoon(join(own, 'qmp')));
  await qmp.call('qmp_capabilities');
  return qmp;
}

/** Boots once; the folder then holds ram, state, the frozen disk and an empty overlay of it. */
export async function makeTemplate(guest: Guest, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const image = join(guest.folder, 'disk.img');
  const overlay = (name: string, base: string, format: string) =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', format, join(folder, name)]);
  if (existsSync(image)) overlay('disk.qcow2', image, 'raw');
  const qemu = spawn('qemu-system-x86_64', argv(guest, folder, join(folder, 'ram'), true), {
    stdio: 'inherit',
  });
  const ended = once(qemu, 'close');
  const qmp = await qmpOf(folder);
  const agent = await openAgent(join(folder, 'agent'));
  await runByAgent(
    agent,
    'if command -v systemctl >/dev/null; then systemctl is-system-running --wait; fi; sleep 2',
  );
  agent.close();
  await qmp.call('stop');
  await qmp.call('migrate-set-capabilities', IGNORE_SHARED);
  const server = createServer().listen(join(folder, 'migrate'));
  const written = once(server, 'connection').then(([from]) =>
    pipeline(from as Socket, createWriteStream(join(folder, 'state'))),
  );
  const saved = qmp.wait('MIGRATION');
  await qmp.call('migrate', { uri: `unix:${join(folder, 'migrate')}` });
  await Promise.all([saved, written]);
  server.close();
  await qmp.call('quit');
  await ended;
  if (existsSync(image)) overlay('blank.qcow2', join(folder, 'disk.qcow2'), 'qcow2');
}

export interface Clone {
  folder: string;
  qemu: ChildProcess;
  qmp: Line;
}

/** What each step took, in milliseconds. */
export type Timings = Record<string, number>;

/** A stop watch: time since the last lap, under a name. */
export function stopWatch(timings: Timings): (name: string) => void {
  let last = performance.now();
  return (name) => {
    const now = performance.now();
    timings[name] = now - last;
    last = now;
  };
}

export async function startClone(
  guest: Guest,
  template: string,
  folder: string,
  lap: (name: string) => void,
): Promise<Clone> {
  await mkdir(folder);
  if (existsSync(join(template, 'blank.qcow2')))
    await copyFile(join(template, 'blank.qcow2'), join(folder, 'disk.qcow2'));
  lap('overlay');
  const options = [...argv(guest, folder, join(template, 'ram'), false), '-S', '-incoming', 'defer'];
  const qemu = spawn('qemu-system-x86_64', options, { stdio: 'inherit' });
  const qmp = await qmpOf(folder);
  lap('process');
  await qmp.call('migrate-set-capabilities', IGNORE_SHARED);
  const restored = qmp.wait('MIGRATION');
  await qmp.call('migrate-incoming', { uri: `unix:${join(folder, 'migrate')}` });
  const to = await connectSoon(join(folder, 'migrate'));
  await Promise.all([restored, pipeline(createReadStream(join(template, 'state')), to)]);
  lap('incoming');
  await qmp.call('cont');
  lap('cont');
  return { folder, qemu, qmp };
}

/** The port of this host that leads to the guest's SSH server. */
export async function sshPort({ qmp }: Clone): Promise<number> {
  const table = String(await qmp.call('human-monitor-command', { 'command-line': 'info usernet' }));
  return Number(/HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)/.exec(table)?.[1]);
}

export async function endClone({ folder, qemu, qmp }: Clone): Promise<void> {
  const ended = once(qemu, 'close');
  await qmp.call('quit');
  await ended;
  qmp.close();
  await rm(folder, { recursive: true });
}
