/** Which domains there are, and what libvirt says of one. */
import type { VmInfo, VmRef, VmSnapshot, VmState } from '../vm/control.ts';
import { explain } from './errors.ts';
import { parseSnapshot, pathsOf } from './snapshots.ts';
import { tryVirsh, uriOf, type VirshContext, virsh } from './virsh.ts';
import { parseXml, textOf } from './xml.ts';

const UUID_LENGTH = 36;

export async function listDomains(context: VirshContext): Promise<VmRef[]> {
  const text = await virsh('listing the domains', ['list', '--all', '--uuid', '--name'], context);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => ({ id: line.slice(0, UUID_LENGTH), name: line.slice(UUID_LENGTH).trim() }));
}

/** By name or UUID. A name that is a number would be a running domain's id to `virsh`, so domains are found in the list. */
export async function findDomain(wanted: string, context: VirshContext): Promise<VmInfo | undefined> {
  const all = await listDomains(context);
  const ref =
    all.find(({ name }) => name === wanted) ??
    all.find(({ id }) => id === wanted.toLowerCase()) ??
    (await unlisted(wanted, context));
  if (!ref) return undefined;
  try {
    return await describeDomain(ref, context);
  } catch (error) {
    context.signal.throwIfAborted();
    // Since it was listed a command of a dead run's may have taken it away.
    if ((await domainState(ref, context).catch(() => 'unknown')) === undefined) return undefined;
    throw error;
  }
}

async function describeDomain(ref: VmRef, context: VirshContext): Promise<VmInfo | undefined> {
  const [xml, state, snapshots] = await Promise.all([
    domainXml(ref, context),
    domainState(ref, context),
    listSnapshots(ref, context),
  ]);
  if (state === undefined) return undefined;
  const domain = parseXml(xml);
  return {
    ...ref,
    state,
    snapshots,
    memory: Number(textOf(domain, 'domain/memory')) * 1024,
    cpus: Number(textOf(domain, 'domain/vcpu')) || 1,
    problems: state === 'broken' ? [crashed(ref)] : [],
  };
}

/** A second opinion: on a list alone, which may have come in pieces, no clone is given up as gone. */
async function unlisted(wanted: string, context: VirshContext): Promise<VmRef | undefined> {
  // A number would be the id of another domain, a dash an option.
  if (!/^[a-z]/i.test(wanted)) return undefined;
  const { exitCode, stdout } = await tryVirsh(['domuuid', '--domain', wanted], context);
  const id = stdout.trim();
  return exitCode === 0 && id.length === UUID_LENGTH ? { id, name: wanted } : undefined;
}

/** The definition that the next start takes. */
export function domainXml({ id }: VmRef, context: VirshContext): Promise<string> {
  return virsh('reading the domain', ['dumpxml', '--inactive', '--security-info', '--domain', id], context);
}

/** Undefined: there is no such domain. */
export async function domainState({ id }: VmRef, context: VirshContext): Promise<VmState | undefined> {
  const { exitCode, stdout, stderr } = await tryVirsh(['dominfo', '--domain', id], context);
  if (exitCode === 0) return parseState(stdout);
  // Throws what is not an answer: no connection, no rights.
  const all = await listDomains(context);
  if (!all.some((each) => each.id === id || each.name === id)) return undefined;
  throw explain(stderr, {
    doing: `asking for the domain's state (${uriOf(context)})`,
    code: 'LIBVIRT_FAILED',
  });
}

/** libvirt numbers what it starts; what is off has a dash. Noise that went into a lease would be a start of somebody else's to a sweep. */
export async function domainSession({ id }: VmRef, context: VirshContext): Promise<string> {
  const says = /^\s*(?:\d+|-)\s*$/;
  return (await virsh("asking for the domain's number", ['domid', '--domain', id], context, { says })).trim();
}

const STATES: Readonly<Record<string, VmState>> = {
  running: 'running',
  // Since 2013 only of Xen.
  idle: 'running',
  paused: 'paused',
  'in shutdown': 'changing',
  'shut off': 'off',
  crashed: 'broken',
  pmsuspended: 'paused',
};

/** Of what `dominfo` prints. A domain that is off may have a memory saved by `managedsave`. */
export function parseState(info: string): VmState {
  const value = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
  const state = STATES[value('State')] ?? 'changing';
  return state === 'off' && value('Managed save') === 'yes' ? 'saved' : state;
}

async function listSnapshots({ id }: VmRef, context: VirshContext): Promise<VmSnapshot[]> {
  const args = ['snapshot-list', '--domain', id, '--name', '--topological'];
  const names = (await virsh('listing the snapshots', args, context))
    .split('\n')
    .filter((name) => name !== '');
  const parsed = await Promise.all(
    names.map(async (name) => parseSnapshot(await snapshotXml({ id }, name, context))),
  );
  return pathsOf(parsed);
}

export function snapshotXml({ id }: Pick<VmRef, 'id'>, name: string, context: VirshContext): Promise<string> {
  const args = ['snapshot-dumpxml', '--domain', id, '--snapshotname', name];
  return virsh(`reading the snapshot ${JSON.stringify(name)}`, args, context);
}

function crashed({ name }: VmRef): VmInfo['problems'][number] {
  return {
    code: 'LIBVIRT_CRASHED',
    message: `the domain ${JSON.stringify(name)} has crashed and was kept as it is`,
    hint: 'virsh destroy NAME    (its `on_crash` says that it is to be kept)',
  };
}
