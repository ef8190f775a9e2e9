/** libvirt as verbs. */
import { VmtestError } from '../../src/host/errors.ts';
import { showArgv } from '../../src/host/exec.ts';
import type { DriverContext } from '../driver.ts';
import type { VmContext, VmControl, VmInfo, VmRef, VmSnapshot, VmState } from '../vm/control.ts';
import { createAgentLink } from './agent.ts';
import { baseOf } from './base.ts';
import { Clones } from './clones.ts';
import { BUSY } from './errors.ts';
import { domainSession, domainState, domainXml, findDomain, listDomains } from './inventory.ts';
import { probeLibvirt } from './probe.ts';
import { Reach } from './reach.ts';
import { restoreProblem } from './restorable.ts';
import { accessOf } from './settings.ts';
import { tryVirsh, uriOf, virsh } from './virsh.ts';
import { first, parseXml } from './xml.ts';

/** Milliseconds. Internal snapshots come back at a third of a gigabyte a second. */
const REVERT_MS = 10 * 60_000;
/** `virsh` waits for a state lock for half a minute. */
const DESTROY_MS = 90_000;

export function createLibvirtControl(): VmControl {
  const clones = new Clones();
  const reach = new Reach();

  return {
    engine: 'libvirt',
    tool: 'virsh',
    capabilities: {
      liveSnapshot: true,
      linkedClone: true,
      parallel: true,
      agent: true,
      console: true,
      screenshot: true,
      portForward: false,
    },
    // By SSH each is a login, of which servers take ten at a time.
    commandsAtOnce: 6,
    probe: (context: DriverContext) => probeLibvirt(context),
    list: listDomains,
    find: findDomain,
    state: domainState,
    access: (vm, target) => accessOf(vm, target),
    slowdown,
    asItIs,
    session: domainSession,
    whyNoClone,
    restoreProblem,
    clone: (vm, request, context) => clones.make(vm, request, context),
    remove: (name, context, folders) => clones.remove(name, context, folders),
    restore,
    arrange: (vm, plan, context) => clones.arrange(vm, plan, context),
    start,
    shutdown: async ({ id }, context) => {
      await virsh('asking the guest to shut down', ['shutdown', '--domain', id], context);
    },
    powerOff: async (vm, context) => {
      reach.end(vm);
      await powerOff(vm, context);
      await clones.ended(vm, context);
    },
    address: (vm, context, onSilence) => reach.find(vm, context, onSilence),
    agent: async (vm, context) => createAgentLink(vm, context),
    screenshot: async ({ id }, path, context) => {
      await virsh('taking a picture of the screen', ['screenshot', '--domain', id, '--file', path], context);
    },
    waysIn: ({ id, name }, context) => [
      `${showArgv(['virsh', '--connect', uriOf(context), 'console', id])}    (domain ${name}; leave with Ctrl-])`,
    ],
    isBusy: (error) => error instanceof VmtestError && error.code === BUSY,
  };

  async function start(vm: VmRef, context: VmContext): Promise<void> {
    if (await clones.start(vm, context)) return;
    if ((await domainState(vm, context)) === 'paused') {
      await virsh('resuming the domain', ['resume', '--domain', vm.id], context);
    } else {
      await virsh('starting the domain', ['start', '--domain', vm.id], context);
    }
  }
}

/** A domain of pure emulation says so itself. */
async function slowdown(vm: VmInfo, context: VmContext): Promise<number> {
  const domain = first(parseXml(await domainXml(vm, context)), 'domain');
  return domain?.attribs['type'] === 'qemu' ? EMULATED : 1;
}

/** As for QEMU without libvirt, see drivers/qemu. */
const EMULATED = 5;

/** For `snapshot: none`: an overlay over the disks of a domain that is off. */
function asItIs(vm: VmInfo): VmSnapshot {
  return { id: '', name: 'none', path: 'none', live: false, stamp: `none:${vm.id}` };
}

async function whyNoClone(vm: VmInfo, snapshot: VmSnapshot, context: VmContext): Promise<string | undefined> {
  return (await baseOf(vm, snapshot, context)).why;
}

/**
 * A live one comes back paused, so that its processors run when the boot phase begins. By force: since 7.10 libvirt starts QEMU
 * anew for it in any case, before it asks for the word.
 */
async function restore({ id }: VmRef, snapshot: VmSnapshot, context: VmContext): Promise<void> {
  const live = snapshot.live ? ['--paused'] : [];
  const argv = ['snapshot-revert', '--domain', id, '--snapshotname', snapshot.id, '--force', ...live];
  await virsh(`restoring the snapshot ${JSON.stringify(snapshot.name)}`, argv, context, {
    timeout: REVERT_MS,
  });
}

/** It counts what the domain is afterwards: one that ends by itself was quicker than we were, and a success may be none. */
async function powerOff(vm: VmRef, context: VmContext): Promise<void> {
  const state = await domainState(vm, context);
  if (isOff(state)) return;
  const argv = [state === 'saved' ? 'managedsave-remove' : 'destroy', '--domain', vm.id];
  await tryVirsh(argv, context, { timeout: DESTROY_MS });
  if (isOff(await domainState(vm, context))) return;
  await virsh('powering the domain off', argv, context, { timeout: DESTROY_MS });
  if (isOff(await domainState(vm, context))) return;
  throw new VmtestError('LIBVIRT_FAILED', `powering the domain ${vm.name} off failed: it runs on`);
}

function isOff(state: VmState | undefined): boolean {
  return state === undefined || state === 'off';
}
