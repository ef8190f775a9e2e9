/** libvirt as verbs. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { DriverContext } from '../driver.ts';
import type {
  Arranged,
  CloneRequest,
  StartPlan,
  VmContext,
  VmControl,
  VmInfo,
  VmRef,
  VmSnapshot,
} from '../vm/control.ts';
import { findAddress } from './address.ts';
import { createAgentLink } from './agent.ts';
import { cloneXml, withConsoleLog } from './clone-xml.ts';
import { BUSY } from './errors.ts';
import { domainState, domainXml, findDomain, listDomains, snapshotXml } from './inventory.ts';
import { makeOverlays, removeOverlays } from './overlays.ts';
import { probeLibvirt } from './probe.ts';
import { accessOf, isLogReadable } from './settings.ts';
import { type FrozenDisk, frozenDisks, writableDisks } from './snapshots.ts';
import { tryVirsh, uriOf, virsh } from './virsh.ts';
import { first, parseXml } from './xml.ts';

/** Milliseconds. Internal snapshots come back at a third of a gigabyte a second. */
const REVERT_MS = 10 * 60_000;
/** `virsh` waits for a state lock for half a minute. */
const DESTROY_MS = 90_000;

export function createLibvirtControl(): VmControl {
  /** Files with the definitions of clones: a transient domain is nowhere before it is started. */
  const definitions = new Map<string, string>();

  return {
    engine: 'libvirt',
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
    session: async ({ id }, context) => (await tryVirsh(['domid', '--domain', id], context)).stdout.trim(),
    whyNoClone,
    clone,
    remove: async (name, context) => {
      definitions.delete(name);
      await removeOverlays(name, context);
    },
    restore,
    arrange,
    start,
    shutdown: async ({ id }, context) => {
      await virsh('asking the guest to shut down', ['shutdown', '--domain', id], context);
    },
    powerOff,
    address: findAddress,
    agent: async (vm, context) => createAgentLink(vm, context),
    screenshot: async ({ id }, path, context) => {
      await virsh('taking a picture of the screen', ['screenshot', '--domain', id, '--file', path], context);
    },
    waysIn: ({ id, name }) => [`virsh console ${id}    (domain ${name}; leave with Ctrl-])`],
    isBusy: (error) => error instanceof VmtestError && error.code === BUSY,
  };

  async function clone(
    vm: VmInfo,
    { snapshot, name, folder }: CloneRequest,
    context: VmContext,
  ): Promise<VmRef> {
    const found = await baseOf(vm, snapshot, context);
    if (!found.disks) throw new VmtestError('VM_NO_CLONE', found.why);
    const overlays = await makeOverlays({ name, folder }, found.disks, context);
    const file = join(folder, 'domain.xml');
    await writeFile(file, cloneXml(await domainXml(vm, context), { name, overlays }), { mode: 0o600 });
    definitions.set(name, file);
    return { id: name, name };
  }

  async function arrange({ name }: VmRef, plan: StartPlan, context: VmContext): Promise<Arranged> {
    const file = definitions.get(name);
    const { consoleLog } = plan;
    if (file === undefined || consoleLog === undefined || !isLogReadable(uriOf(context)))
      return { consoleLog: false };
    const { xml, logged } = withConsoleLog(await readFile(file, 'utf8'), consoleLog);
    await writeFile(file, xml);
    return { consoleLog: logged };
  }

  async function start(vm: VmRef, context: VmContext): Promise<void> {
    const file = definitions.get(vm.name);
    if (file !== undefined) {
      await virsh('starting the clone', ['create', '--file', file], context);
    } else if ((await domainState(vm, context)) === 'paused') {
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

async function baseOf(
  vm: VmInfo,
  snapshot: VmSnapshot,
  context: VmContext,
): Promise<{ disks: FrozenDisk[]; why?: never } | { disks?: never; why: string }> {
  if (snapshot.id !== '') {
    const frozen = frozenDisks(await snapshotXml(vm, snapshot.id, context));
    return frozen.why === undefined ? { disks: frozen.disks } : { why: frozen.why };
  }
  if (vm.state !== 'off') return { why: 'it is not off, so its disks change' };
  const disks: FrozenDisk[] = [];
  for (const { target, file, format } of writableDisks(parseXml(await domainXml(vm, context)), 'domain')) {
    if (file === undefined) return { why: `its disk ${target} is no file` };
    disks.push({ target, file, format });
  }
  return { disks };
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

async function powerOff(vm: VmRef, context: VmContext): Promise<void> {
  const state = await domainState(vm, context);
  if (state === undefined || state === 'off') return;
  const argv = state === 'saved' ? ['managedsave-remove'] : ['destroy'];
  const done = await tryVirsh([...argv, '--domain', vm.id], context, { timeout: DESTROY_MS });
  if (done.exitCode === 0) return;
  // It was quicker than we were.
  const now = await domainState(vm, context);
  if (now === undefined || now === 'off') return;
  await virsh('powering the domain off', [...argv, '--domain', vm.id], context, { timeout: DESTROY_MS });
}
