/** Engines with VMs of people's. */
import { hypervControl } from '../../../drivers/hyperv/control.ts';
import { createLibvirtControl } from '../../../drivers/libvirt/control.ts';
import { createParallelsControl } from '../../../drivers/parallels/control.ts';
import { createVirtualBoxControl } from '../../../drivers/virtualbox/control.ts';
import type { VmControl } from '../../../drivers/vm/control.ts';
import { vmwareControl } from '../../../drivers/vmware/control.ts';
import { createStandIns } from '../../standins/create.ts';
import { tinyGuest } from '../../support/guests.ts';
import { LIVE, type NamedEngine, takeLiveSnapshot } from '../../support/live-snapshots.ts';
import { sixEngines } from '../../support/six-engines.ts';
import { targetOf } from '../../support/targets.ts';
import type { Engine } from './engines.ts';
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

/** Their guests have addresses of this host's, of which port 22 is often taken. */
const BY_ADDRESS: ReadonlySet<NamedEngine> = new Set(['vmware', 'hyperv', 'parallels']);

/**
 * Each has a VM of its own with its snapshot `clean`, of which cells boot clones; all but the first are stand-ins.
 * @param isLive with a snapshot of the running VM instead, which some engines go on from in the VM itself.
 */
export async function named(engine: NamedEngine, isLive: boolean): Promise<Engine> {
  const vm = `kill-${process.pid}`;
  const engines = await sixEngines(vm, createStandIns);
  const { standIns, libvirt, vmx } = engines;
  if (isLive) await takeLiveSnapshot(engines, engine);
  const { key } = await tinyGuest();
  const guest = `guest: { user: root, key: ${key}${BY_ADDRESS.has(engine) ? ', port: 2222' : ''} }`;
  const box = engine === 'vmware' ? vmx : vm;
  const control = CONTROLS[engine]();
  const target = targetOf(engine, { vm: box, uri: 'qemu:///system' });
  /** Nobody has it between trials. */
  const notOff = async () => {
    const found = await control.find(box, {
      host: standIns.host,
      target,
      signal: AbortSignal.timeout(LOOK_MS),
    });
    return found?.state === 'off' ? [] : [`${box} is ${found?.state ?? 'gone'}`];
  };
  return {
    target: `engine: ${engine}, vm: ${box}, snapshot: ${isLive ? LIVE : 'clean'}, ${guest}`,
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
    keptShare: isLive && engine !== 'virtualbox' ? 0 : KEPT_SHARE,
    forget: async () => {},
    end: async () => {
      await standIns.end();
      await libvirt.end();
    },
  };
}
