/** From a target to the VM and the snapshot it means, and how its cells get their clean state; or all that is wrong with it. */
import { suggest } from '../../matrix/nearest.ts';
import type { TargetProblem } from '../driver.ts';
import { problemError } from '../problem.ts';
import type { Commands } from './commands.ts';
import type { VmContext, VmInfo, VmSnapshot } from './control.ts';
import type { VmOptions } from './schema.ts';
import { findSnapshots } from './snapshots.ts';

export interface Plan {
  vm: VmInfo;
  snapshot: VmSnapshot;
  /** On a linked clone; false: in the VM itself. */
  cloned: boolean;
  /** For people: why not cloned, when that was left open. */
  notes: string[];
}

export type Planned = { problems: TargetProblem[]; plan?: never } | { problems: []; plan: Plan };

/** Changes nothing. */
export async function makePlan(commands: Commands, context: VmContext): Promise<Planned> {
  const { control } = commands;
  const { vm: wanted } = optionsOf(context);
  const vm = await commands.run(context.signal, () => control.find(wanted, context));
  if (!vm) return { problems: [await noVm(commands, wanted, context)] };
  const { snapshot, problem } = chooseSnapshot(commands, vm, context);
  const problems = [...vm.problems, ...((await control.problems?.(vm, context)) ?? [])];
  if (!snapshot) return { problems: [...problems, problem] };
  const { cloned, notes, problem: noWay } = await chooseWay(commands, vm, snapshot, context);
  const cannot = noWay ?? (cloned ? undefined : await control.restoreProblem?.(vm, snapshot, context));
  if (cannot) problems.push(cannot);
  if (problems.length > 0) return { problems };
  return { problems: [], plan: { vm, snapshot, cloned, notes } };
}

/** @throws VmtestError the first problem, which came up after `check`. */
export async function planOrThrow(commands: Commands, context: VmContext): Promise<Plan> {
  const { plan, problems } = await makePlan(commands, context);
  if (plan) return plan;
  throw problemError(problems[0] ?? { code: 'INTERNAL', message: 'neither a plan nor a problem' });
}

export function optionsOf({ target }: Pick<VmContext, 'target'>): VmOptions {
  return target.options as unknown as VmOptions;
}

async function noVm(commands: Commands, wanted: string, context: VmContext): Promise<TargetProblem> {
  const { control } = commands;
  const all = await commands.run(context.signal, () => control.list(context));
  const names = all.map(({ name }) => name);
  return {
    code: 'VM_MISSING',
    message: `${control.engine} has no VM ${quoted(wanted)}`,
    hint:
      suggest(wanted, names, 'it has') ??
      `It has ${all.length === 0 ? 'none' : `${all.length} others`}; \`vm\` is a name or an id as it lists them.`,
  };
}

function chooseSnapshot(
  { control }: Commands,
  vm: VmInfo,
  { target }: VmContext,
): { snapshot: VmSnapshot; problem?: never } | { snapshot?: never; problem: TargetProblem } {
  if (target.snapshot === 'none') {
    const snapshot = control.asItIs?.(vm);
    return snapshot ? { snapshot } : { problem: needsSnapshot(control.engine, vm) };
  }
  const [snapshot, ...others] = findSnapshots(target.snapshot, vm.snapshots);
  if (snapshot && others.length === 0) return { snapshot };
  return {
    problem: snapshot
      ? ambiguous(vm, target.snapshot, [snapshot, ...others])
      : noSnapshot(vm, target.snapshot),
  };
}

function needsSnapshot(engine: string, vm: VmInfo): TargetProblem {
  return {
    code: 'VM_NEEDS_SNAPSHOT',
    message: `cells of the VM ${quoted(vm.name)} need a snapshot: ${engine} has no other clean state than one of those`,
    hint: suggest('clean', names(vm), 'it has') ?? 'Take a snapshot of the VM and name it in `snapshot`.',
  };
}

function noSnapshot(vm: VmInfo, wanted: string): TargetProblem {
  const known = wanted.includes('/') ? vm.snapshots.map(({ path }) => path) : names(vm);
  return {
    code: 'SNAPSHOT_MISSING',
    message: `the VM ${quoted(vm.name)} has no snapshot ${quoted(wanted)}`,
    hint:
      suggest(wanted, known, 'it has') ??
      (vm.snapshots.length === 0
        ? 'It has none at all: take one.'
        : `Take one, or name one of the ${vm.snapshots.length} that it has.`),
  };
}

function ambiguous(vm: VmInfo, wanted: string, found: readonly VmSnapshot[]): TargetProblem {
  const paths = found.map(({ path }) => path);
  // Some engines let children of one snapshot have the same name.
  const tellApart = new Set(paths).size === found.length;
  const ways = tellApart ? paths : found.map(({ id }) => id);
  return {
    code: 'SNAPSHOT_AMBIGUOUS',
    message: `the VM ${quoted(vm.name)} has ${found.length} snapshots called ${quoted(wanted)}`,
    hint: `Write ${tellApart ? 'as much of the path as tells them apart' : 'its id'}: ${ways.map(quoted).join(', ')}.`,
  };
}

async function chooseWay(
  { control }: Commands,
  vm: VmInfo,
  snapshot: VmSnapshot,
  context: VmContext,
): Promise<{ cloned: boolean; notes: string[]; problem?: TargetProblem }> {
  const { clone } = optionsOf(context);
  const inPlaceIsPossible = context.target.snapshot !== 'none';
  if (clone === 'none' && !inPlaceIsPossible)
    return { cloned: false, notes: [], problem: nothingToRestore(vm) };
  if (clone === 'none') return { cloned: false, notes: [] };
  const why = control.clone
    ? await control.whyNoClone?.(vm, snapshot, context)
    : `${control.engine} has no linked clones`;
  if (why === undefined) return { cloned: true, notes: [] };
  if (clone === 'auto' && inPlaceIsPossible) return { cloned: false, notes: [`no linked clones: ${why}`] };
  const problem = {
    code: 'VM_NO_CLONE',
    message: `the VM ${quoted(vm.name)} cannot be cloned: ${why}`,
    hint: inPlaceIsPossible
      ? 'Use `clone: none`: cells then restore the snapshot in the VM itself, one after another.'
      : 'Take a snapshot of the VM and name it in `snapshot`.',
  };
  return { cloned: false, notes: [], problem };
}

function nothingToRestore(vm: VmInfo): TargetProblem {
  return {
    code: 'VM_NEEDS_SNAPSHOT',
    message: `with \`clone: none\` there is nothing to restore the VM ${quoted(vm.name)} from`,
    hint:
      suggest('clean', names(vm), 'it has') ??
      'Take a snapshot of the VM and name it in `snapshot`, or allow clones.',
  };
}

function names(vm: VmInfo): string[] {
  return vm.snapshots.map(({ name }) => name);
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
