/** `startvm` and `controlvm`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { kill, monitor, powerButton, screendump, startBacking } from '../../machine/backing.ts';
import { type Command, type Io, PROGRESS } from '../command.ts';
import { comFailure, comLines, Failure, notCovered, plainFailure, usageFailure, where } from '../failure.ts';
import { parseOptions } from '../options.ts';
import {
  changing,
  ended,
  findMachine,
  hasFault,
  isLocked,
  lockForWriting,
  looking,
  type Machine,
  now,
} from '../state.ts';

const FRONTENDS: ReadonlySet<string> = new Set(['gui', 'sdl', 'headless', 'separate']);

export const startvm: Command = async (args, io) => {
  const { words, values } = parseOptions(args, { '--type': 'value', '--putenv': 'value', '-E': 'value' });
  const type = values.get('--type') ?? 'gui';
  const failures: string[] = [];
  for (const wanted of words) {
    try {
      await startOne(wanted, type, io);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.exitCode !== 1) throw error;
      failures.push(...error.lines);
    }
  }
  if (failures.length > 0) throw new Failure(failures);
  return 0;
};

async function startOne(wanted: string, type: string, io: Io): Promise<void> {
  const machine = await changing((registry) => {
    const found = findMachine(registry, wanted);
    if (!FRONTENDS.has(type))
      throw comFailure(`Invalid frontend name: '${type}'`, 'NS_ERROR_INVALID_ARG', where.MACHINE);
    if (type !== 'headless') throw notCovered(`startvm --type ${type}`);
    lockForWriting(found);
    io.out(`Waiting for VM "${wanted}" to power on...`);
    if (hasFault('no-driver') || hasFault('start-fails')) throw noDriver(found);
    found.state = 'starting';
    return found;
  });
  try {
    await bringUp(machine);
  } catch (error) {
    await changing((registry) => ended(findMachine(registry, machine.uuid)));
    throw error;
  }
  await changing((registry) => {
    const started = findMachine(registry, machine.uuid);
    started.state = 'running';
    started.since = now();
    started.started = Date.now();
    delete started.stateFile;
  });
  io.out(`VM "${wanted}" has been successfully started.`);
}

function noDriver({ name }: Machine): Failure {
  const text = `The virtual machine '${name}' has terminated unexpectedly during startup with exit code 1 (0x1)`;
  return new Failure(comLines(text, 'NS_ERROR_FAILURE', { ...where.MACHINE, callee: false }).slice(0, -1));
}

/** Ports that are not to be had are a line in the log, and nothing else. */
async function bringUp(machine: Machine): Promise<void> {
  const { hardware, folder, backing, address } = machine;
  const nics = Object.values(hardware.nics);
  const [kind, path] = (hardware.uart?.mode ?? '').split(/,(.*)/s);
  await startBacking(
    { folder: backing },
    {
      headless: true,
      ...(nics.some((nic) => nic.kind !== 'nat') ? { address } : {}),
      ...(kind === 'file' && path !== undefined && isAbsolute(path) ? { serial: path } : {}),
    },
  );
  const log = ['VirtualBox VM 7.2.22_Debian r175245 linux.amd64 (stand-in) release log'];
  for (const rule of nics.flatMap((nic) => (nic.kind === 'nat' ? nic.rules : []))) {
    log.push(...(await forward(backing, rule)));
  }
  await mkdir(join(folder, 'Logs'), { recursive: true });
  await writeFile(join(folder, 'Logs', 'VBox.log'), `${log.join('\n')}\n`);
}

async function forward(folder: string, rule: string): Promise<string[]> {
  const [, protocol, host, hostPort, , guestPort] = rule.split(',');
  const line = `hostfwd_add net0 ${protocol}:${host}:${hostPort}-:${guestPort}`;
  const said = hasFault('port-taken')
    ? 'taken'
    : await monitor<string>({ folder }, 'human-monitor-command', { 'command-line': line });
  if (said.trim() === '') return [];
  const details = `fRemove=0, fUdp=0, pszHostIp=${host}, u16HostPort=${hostPort}, pszGuestIp=10.0.2.15, u16GuestPort=${guestPort}`;
  return [`00:00:00.612345 NAT#0: Port forward modify FAIL! Details: ${details}`];
}

const VERBS: ReadonlySet<string> = new Set([
  ...['pause', 'resume', 'reset', 'savestate', 'acpisleepbutton', 'reboot', 'shutdown', 'natpf1'],
  ...['keyboardputscancode', 'keyboardputstring'],
]);

export const controlvm: Command = async ([wanted = '', verb, ...args], io) => {
  if (verb === undefined) throw usageFailure('Not enough parameters.', { again: true });
  const machine = findMachine(await looking(), wanted);
  if (machine.state !== 'running') {
    if (isLocked(machine)) lockForWriting(machine);
    throw plainFailure(`Machine '${wanted}' is not currently running.`);
  }
  const backing = { folder: machine.backing };
  switch (verb) {
    case 'poweroff':
      await kill(backing);
      await changing((registry) => {
        const stopped = findMachine(registry, machine.uuid);
        if (stopped.state === 'running') ended(stopped);
      });
      io.err(PROGRESS);
      return 0;
    case 'acpipowerbutton':
      await powerButton(backing);
      return 0;
    case 'screenshotpng': {
      const [path] = args;
      if (path === undefined || args.length > 2) throw usageFailure('Incorrect parameters');
      await screendump(backing, path);
      return 0;
    }
    default:
      if (VERBS.has(verb)) throw notCovered(`controlvm ${verb}`);
      throw usageFailure(`Invalid parameter '${verb}'`);
  }
};
