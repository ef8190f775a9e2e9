/** `prlctl` as the verbs of `createVmDriver`. VMs are named by their UUID, so that no name is taken for an option. */
import { readFile } from 'node:fs/promises';
import type { BaseTarget } from '../../matrix/model.ts';
import type { TargetProblem } from '../driver.ts';
import type { VmContext, VmControl, VmInfo, VmSnapshot } from '../vm/control.ts';
import { LEASE_FILES, leasedAddress, usableAddress } from './addresses.ts';
import { createParallelsLink } from './agent-link.ts';
import { addSerialLog, listVms, makeClone, removeClone, whyNoClone } from './clone.ts';
import { hasCode } from './errors.ts';
import { type ListedVm, parseDetails, sameId, type VmDetails } from './inventory.ts';
import { powerOff, shutDown, start, stateNow, waitUntilUnchanging } from './power.ts';
import { probeParallels } from './probe.ts';
import { type Caller, prlctl } from './programs.ts';
import { parseSnapshots } from './snapshots.ts';

/** Milliseconds. `snapshot-list` takes tens of seconds on a busy Mac; a restore reads all of the guest's memory. */
const LIST_MS = 120_000;
const RESTORE_MS = 300_000;

interface ParallelsVm extends VmInfo {
  home: string;
}

/** @param leaseFiles where DHCP leases of guests are. */
export function createParallelsControl(leaseFiles: readonly string[] = LEASE_FILES): VmControl {
  return {
    engine: 'parallels',
    tool: 'prlctl',
    capabilities: {
      liveSnapshot: true,
      linkedClone: true,
      parallel: true,
      agent: true,
      console: true,
      screenshot: true,
      portForward: false,
    },
    commandsAtOnce: 4,
    probe: probeParallels,
    list: listVms,
    find,
    state: stateNow,
    // `prlctl exec` starts a program on the host for all that it does, and has lost output in its time.
    // What runs by it are POSIX scripts.
    access: (_vm, { os }) => (os === 'windows' ? ['ssh'] : ['ssh', 'agent']),
    problems: (_vm, { target }) => wayInProblems(target),
    whyNoClone: (vm, snapshot) => whyNoClone((vm as ParallelsVm).home, snapshot),
    clone: makeClone,
    remove: removeClone,
    restore: async (vm, snapshot, context) => {
      const doing = `restoring ${JSON.stringify(snapshot.name)} in ${vm.name}`;
      const step = { doing, code: 'PARALLELS_RESTORE_FAILED', timeout: RESTORE_MS };
      await prlctl(context, ['snapshot-switch', vm.id, '--id', snapshot.id, '--skip-resume'], step);
      await waitUntilUnchanging(vm, context, doing);
    },
    arrange: async (vm, { consoleLog }, context) => ({
      consoleLog: consoleLog !== undefined && (await addSerialLog(vm, consoleLog, context)),
    }),
    start,
    shutdown: shutDown,
    powerOff,
    address: async (vm, context) => {
      const listed = (await listVms(context)).find(({ id }) => sameId(id, vm.id));
      return usableAddress(listed?.addresses ?? []) ?? (await leased(vm.id, leaseFiles, context));
    },
    agent: async (vm, { host }) => createParallelsLink(host, vm),
    screenshot: async (vm, path, context) => {
      const step = { doing: `taking a picture of ${vm.name}`, code: 'PARALLELS_SCREENSHOT_FAILED' };
      await prlctl(context, ['capture', vm.id, '--file', path], step);
    },
    waysIn: ({ id, name }) => [`prlctl exec ${id} COMMAND`, `the VM ${name} in Parallels Desktop`],
    isBusy: (error) => hasCode(error, 'PARALLELS_BUSY', 'PARALLELS_SERVICE_DOWN'),
  };
}

function wayInProblems({ os, guest }: BaseTarget): TargetProblem[] {
  if (os !== 'windows' || guest.channel !== 'agent') return [];
  const message = '`channel: agent` is not there for Windows guests on Parallels';
  return [{ code: 'CHANNEL_UNSUPPORTED', message, hint: 'Use `channel: ssh`.' }];
}

async function find(wanted: string, context: VmContext): Promise<ParallelsVm | undefined> {
  const vms = await listVms(context);
  const byName = vms.filter(({ name }) => name === wanted);
  const vm = vms.find(({ id }) => sameId(id, wanted)) ?? byName[0];
  if (!vm) return undefined;
  const { id, name, state } = vm;
  const described = await describe(vm, context);
  if (!described) return undefined;
  const [details, snapshots] = described;
  const { home, cpus, memory, tools } = details;
  const problems = [
    ...(byName.length > 1 && !sameId(id, wanted) ? [ambiguous(wanted, byName)] : []),
    ...(state === 'broken' ? [broken(name)] : []),
    ...(tools === 'not_installed' && needsAgent(context.target) ? [noTools(name)] : []),
  ];
  return { id, name, state, snapshots, cpus, memory, home, problems };
}

/** Undefined when it has gone since it was listed: a command of a dead run's may have taken it away. */
async function describe(
  { id, state }: ListedVm,
  caller: Caller,
): Promise<[VmDetails, VmSnapshot[]] | undefined> {
  // Parallels may have nothing more to say about it, and a clone of ours must be found all the same, to be taken away.
  if (state === 'broken') return [parseDetails(''), []];
  try {
    return await Promise.all([detailsOf(id, caller), snapshotsOf(id, caller)]);
  } catch (error) {
    if (hasCode(error, 'PARALLELS_VM_MISSING')) return undefined;
    throw error;
  }
}

async function detailsOf(id: string, caller: Caller): Promise<VmDetails> {
  const step = { doing: 'asking about the VM', code: 'PARALLELS_LIST_FAILED' };
  return parseDetails(await prlctl(caller, ['list', id, '--info', '--json'], step));
}

async function snapshotsOf(id: string, caller: Caller) {
  const step = { doing: 'listing the snapshots', code: 'PARALLELS_LIST_FAILED', timeout: LIST_MS };
  return parseSnapshots(await prlctl(caller, ['snapshot-list', id, '--json'], step));
}

/** A file that may not be read says nothing. */
async function leased(id: string, files: readonly string[], caller: Caller): Promise<string | undefined> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const leases = texts.join('\n');
  if (leases.trim() === '') return undefined;
  const { mac } = await detailsOf(id, caller);
  return mac === undefined ? undefined : leasedAddress(leases, mac);
}

function needsAgent({ guest }: BaseTarget): boolean {
  const { channel, key, password, sshAgent } = guest;
  return channel === 'agent' || (channel === 'auto' && !key && !password && !sshAgent);
}

function ambiguous(name: string, vms: readonly { id: string }[]): TargetProblem {
  return {
    code: 'PARALLELS_VM_AMBIGUOUS',
    message: `there are ${vms.length} VMs called ${JSON.stringify(name)}`,
    hint: `Use one of their ids as \`vm\`: ${vms.map(({ id }) => id).join(', ')}.`,
  };
}

function broken(name: string): TargetProblem {
  return {
    code: 'PARALLELS_VM_INVALID',
    message: `Parallels Desktop calls the VM ${JSON.stringify(name)} invalid`,
    hint: 'Its files are damaged or gone. Open it in Parallels Desktop, or register it anew.',
  };
}

function noTools(name: string): TargetProblem {
  return {
    code: 'PARALLELS_NO_TOOLS',
    message: `the VM ${JSON.stringify(name)} has no Parallels Tools, by which its guest was to be reached`,
    hint: 'Install them in the guest and take the snapshot anew, or give `guest` a key or a password for SSH.',
  };
}
