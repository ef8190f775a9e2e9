/** Engines with VMs of people's. */
import { hypervControl } from '../../../drivers/hyperv/control.ts';
import { createLibvirtControl } from '../../../drivers/libvirt/control.ts';
import { createParallelsControl } from '../../../drivers/parallels/control.ts';
import { createVirtualBoxControl } from '../../../drivers/virtualbox/control.ts';
import type { VmControl } from '../../../drivers/vm/control.ts';
import { vmwareControl } from '../../../drivers/vmware/control.ts';
import { createStandIns } from '../../standins/create.ts';
import { tinyGuest } from '../../support/guests.ts';
import { LIVE, type NamedEngine, SUSPEND, takeLiveSnapshot } from '../../support/live-snapshots.ts';
import { sixEngines } from '../../support/six-engines.ts';
import { targetOf } from '../../support/targets.ts';
import type { Engine, Person } from './engines.ts';
import { FEW_CELLS } from './matrix.ts';
import { KEPT_SHARE } from './points.ts';

const CONTROLS: Readonly<Record<NamedEngine, () => VmControl>> = {
  libvirt: createLibvirtControl,
  virtualbox: createVirtualBoxControl,
  vmware: () => vmwareControl,
  hyperv: () => hypervControl,
  parallels: () => createParallelsControl([]),
};
const LOOK_MS = 30_000;
const RESET = 'snapshot: clean, clone: none, if-running: reset';

/** Their guests have addresses of this host's, of which port 22 is often taken. */
const BY_ADDRESS: ReadonlySet<NamedEngine> = new Set(['vmware', 'hyperv', 'parallels']);

/**
 * `clean`: a snapshot of the VM while it was off, of which cells boot clones. `live`: one of the running VM instead, which some engines
 * go on from in the VM itself. `reset`: the first in the VM itself, which a person has suspended.
 */
export type Kind = 'clean' | 'live' | 'reset';

/** Each has a VM of its own; all but the first are stand-ins. */
export async function named(engine: NamedEngine, kind: Kind): Promise<Engine> {
  const vm = `kill-${process.pid}`;
  const engines = await sixEngines(vm, createStandIns);
  const { standIns, libvirt, vmx } = engines;
  const isLive = kind === 'live';
  if (isLive) await takeLiveSnapshot(engines, engine);
  const { key } = await tinyGuest();
  const guest = `guest: { user: root, key: ${key}${BY_ADDRESS.has(engine) ? ', port: 2222' : ''} }`;
  const box = engine === 'vmware' ? vmx : vm;
  const control = CONTROLS[engine]();
  const target = targetOf(engine, { vm: box, uri: 'qemu:///system' });
  const context = () => ({ host: standIns.host, target, signal: AbortSignal.timeout(LOOK_MS) });
  const found = () => control.find(box, context());
  const isA = (state: string | undefined) => `${box} is ${state ?? 'gone'}`;
  /** Nobody has it between trials. */
  const notOff = async () => {
    const state = (await found())?.state;
    return state === 'off' ? [] : [isA(state)];
  };
  const person: Person = {
    leaves: async () => SUSPEND[engine]?.(engines),
    comesBack: async () => {
      const info = await found();
      if (info?.state === 'off') return [];
      if (info) await control.powerOff(info, context());
      return info?.state === 'saved' ? [] : [isA(info?.state)];
    },
  };
  const start = { clean: 'snapshot: clean', live: `snapshot: ${LIVE}`, reset: RESET }[kind];
  return {
    target: `engine: ${engine}, vm: ${box}, ${start}, ${guest}`,
    ...(kind === 'reset' ? { person } : {}),
    isShared: false,
    env: standIns.env(),
    folders: [standIns.state, libvirt.seen],
    more: async () => [
      ...(await standIns.leftovers()).map((folder) => `machine ${folder}`),
      ...(await libvirt.leftovers()),
      ...(await notOff()),
    ],
    coldShare: 0,
    cells: FEW_CELLS,
    keptShare: kind === 'reset' || (isLive && engine !== 'virtualbox') ? 0 : KEPT_SHARE,
    forget: async () => {},
    end: async () => {
      await standIns.end();
      await libvirt.end();
    },
  };
}
