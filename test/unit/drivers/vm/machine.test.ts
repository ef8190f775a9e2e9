import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Commands } from '../../../../drivers/vm/commands.ts';
import type { Arranged, VmContext, VmControl } from '../../../../drivers/vm/control.ts';
import { VmMachine } from '../../../../drivers/vm/machine.ts';
import type { AgentLink } from '../../../../src/guest/channel.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import { linkSignal } from '../../../../src/host/deadline.ts';
import type { Lease } from '../../../../src/host/host.ts';
import { passTime, timeTaken, useFakeTime } from '../../../support/fake-time.ts';
import { never, vmTarget } from '../../../support/vm-cells.ts';
import {
  busy,
  type ControlChanges,
  MemoryEngine,
  type MemoryVm,
  snapshotOf,
} from '../../../support/vm-control.ts';

vi.mock('node:timers/promises', () => import('../../../support/fake-delay.ts'));
useFakeTime();

let engine: MemoryEngine;
let vm: MemoryVm;
/** What the machine did beside its commands. */
let did: string[];

beforeEach(() => {
  engine = new MemoryEngine();
  vm = engine.add('debian');
  did = [];
});

interface Parts {
  target?: ReturnType<typeof vmTarget>;
  arranged?: Arranged;
  changes?: ControlChanges;
  end?: () => Promise<void>;
}

function machineWith({
  target = vmTarget(),
  arranged = { consoleLog: false },
  changes,
  end,
}: Parts = {}): VmMachine {
  const context: VmContext = { host: createHost(), target, signal: never };
  const note = async (facts: object) => void did.push(`note ${JSON.stringify(facts)}`);
  return new VmMachine({
    commands: new Commands(engine.control(changes)),
    plan: { vm, snapshot: snapshotOf('clean'), cloned: false, notes: [] },
    vm,
    name: 'debian (vmtest-abcdefgh)',
    arranged,
    context,
    lease: { note, record: { folder: '/machines/abcdefgh' } } as unknown as Lease,
    logs: '/logs',
    end: end ?? (async () => void did.push('end')),
    letGo: async () => void did.push('let go'),
  });
}

async function settled<T>(work: Promise<T>): Promise<T> {
  await passTime(work);
  return work;
}

describe('start', () => {
  test('notes which start was ours, and watches from then on', async () => {
    const machine = machineWith();
    await machine.start(never);
    expect(did).toEqual(['note {"starting":true}', 'note {"session":"1"}']);
    vm.state = 'off';
    expect(await settled(machine.died)).toBe('the VM debian ended: it is off');
  });

  test('of an engine without sessions notes none', async () => {
    const machine = machineWith({ changes: { session: undefined } });
    await machine.start(never);
    expect(did).toEqual(['note {"starting":true}']);
    await machine.stop(0);
  });
});

describe('stop', () => {
  test('is no death, and comes once', async () => {
    const machine = machineWith();
    const died = vi.fn();
    void machine.died.then(died);
    await machine.start(never);
    await machine.stop(0);
    await machine.stop(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.changes).toEqual(['start debian', 'powerOff debian']);
    expect(died).not.toHaveBeenCalled();
  });

  test('asks the guest first when it has time for that', async () => {
    const machine = machineWith();
    await machine.start(never);
    await settled(machine.stop(10_000));
    expect(engine.changes).toEqual(['start debian', 'shutdown debian', 'powerOff debian']);
  });

  test('forces a guest that does not obey, after its time', async () => {
    engine.obedient = false;
    const machine = machineWith();
    await machine.start(never);
    expect(await timeTaken(machine.stop(10_000))).toBe(10_000);
    expect(vm.state).toBe('off');
  });

  test('forces a guest that cannot be asked, at once', async () => {
    const machine = machineWith({ changes: { shutdown: () => Promise.reject(new Error('no tools')) } });
    await machine.start(never);
    expect(await timeTaken(machine.stop(10_000))).toBe(0);
    expect(vm.state).toBe('off');
  });

  test('powers off what a start that was given up has started after all', async () => {
    const machine = machineWith();
    let letStart = () => {};
    const late = new Promise<void>((resolve) => {
      letStart = resolve;
    });
    engine.onCall = ({ verb, stage }) => (verb === 'start' && stage === 'before' ? late : undefined);
    const starting = machine.start(never);
    const stopping = machine.stop(0);
    letStart();
    await Promise.all([starting, stopping]);
    expect(vm.state).toBe('off');
  });

  test('waits for an engine that is busy, and for one that hangs only so long', async () => {
    const machine = machineWith();
    await machine.start(never);
    let refusals = 3;
    engine.onCall = ({ verb, stage }) => {
      if (verb === 'powerOff' && stage === 'before' && refusals-- > 0) throw busy();
    };
    await settled(machine.stop(0));
    expect(vm.state).toBe('off');

    const hanging = machineWith({
      changes: {
        powerOff: (_vm, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      },
    });
    const stopping = hanging.stop(0);
    expect(await timeTaken(stopping)).toBe(60_000);
    await expect(stopping).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

/** The next power-offs fail. */
function failPowerOff(times: number): void {
  let left = times;
  engine.onCall = ({ verb, stage }) => {
    if (verb === 'powerOff' && stage === 'before' && left-- > 0) throw new Error('the engine fell over');
  };
}

/** On Parallels and VMware, a power-off may have to start it. */
const ENDING = 'note {"restored":true,"starting":true,"session":null}';

describe('release', () => {
  test('powers off, then takes away what there is, once', async () => {
    const machine = machineWith({ end: async () => void did.push(`end while ${vm.state}`) });
    await machine.start(never);
    did = [];
    await machine.release();
    await machine.release();
    await machine.stop(0);
    expect(did).toEqual([ENDING, 'end while off']);
    expect(engine.changes).toEqual(['start debian', 'powerOff debian']);
  });

  test('also when the power-off failed once, in the stop before it', async () => {
    const machine = machineWith();
    await machine.start(never);
    did = [];
    failPowerOff(1);
    await expect(machine.stop(0)).rejects.toThrow('fell over');
    await machine.release();
    expect(did).toEqual([ENDING, ENDING, 'end']);
    expect(vm.state).toBe('off');
  });

  test('of a machine that cannot be powered off takes nothing from under it, and gives the VM back', async () => {
    const machine = machineWith();
    await machine.start(never);
    did = [];
    failPowerOff(Number.POSITIVE_INFINITY);
    await expect(machine.release()).rejects.toThrow('fell over');
    await expect(machine.release()).rejects.toThrow('fell over');
    expect(did).toEqual([ENDING, 'let go']);
  });

  test('says what could not be taken away', async () => {
    const machine = machineWith({ end: () => Promise.reject(new Error('the disk is locked')) });
    await expect(machine.release()).rejects.toThrow('the disk is locked');
  });
});

describe('keep', () => {
  test('lets go of the VM, says the ways in, and nothing touches it any more', async () => {
    engine.addresses.set('debian', '192.0.2.7');
    const target = vmTarget({}, { guest: { key: '/keys/k', port: 2222 } });
    const machine = machineWith({ target, changes: { waysIn: ({ name }) => [`console ${name}`] } });
    await machine.start(never);
    did = [];
    const [ssh, ...more] = await settled(machine.keep());
    expect(ssh).toContain('root@192.0.2.7');
    expect(ssh).toContain('-p 2222');
    expect(more).toEqual(['console debian']);
    expect(did).toEqual(['let go']);
    await machine.stop(0);
    await machine.release();
    expect(vm.state).toBe('running');
    expect(engine.changes).toEqual(['start debian']);
  });

  test('says nothing of a port that ends with this process', async () => {
    const address = async () => ({ host: '127.0.0.1', port: 40123, endsWithUs: true as const });
    const machine = machineWith({ changes: { address, waysIn: () => ['console'] } });
    await machine.start(never);
    expect(await settled(machine.access('ssh', never))).toMatchObject({ host: '127.0.0.1', port: 40123 });
    expect(await settled(machine.keep())).toEqual(['console']);
  });

  test('without an address says what there is, after a while', async () => {
    const machine = machineWith();
    await machine.start(never);
    const keeping = machine.keep();
    expect(await timeTaken(keeping)).toBe(10_000);
    expect(await keeping).toEqual(['VM debian of memory']);
  });
});

describe('a way in by SSH', () => {
  const ssh = (machine: VmMachine, signal = never) => settled(machine.access('ssh', signal));

  test('is the port that was arranged, before any address', async () => {
    const machine = machineWith({
      target: vmTarget({}, { guest: { address: '192.0.2.9' } }),
      arranged: { consoleLog: false, port: { host: '127.0.0.1', port: 40_022 } },
    });
    expect(await ssh(machine)).toEqual({ kind: 'ssh', host: '127.0.0.1', port: 40_022 });
  });

  test('is the address that the target has', async () => {
    const machine = machineWith({ target: vmTarget({}, { guest: { address: '192.0.2.9', port: 2222 } }) });
    expect(await ssh(machine)).toEqual({ kind: 'ssh', host: '192.0.2.9', port: 2222 });
  });

  test('waits until the guest has an address', async () => {
    const machine = machineWith();
    const access = machine.access('ssh', never);
    setTimeout(() => engine.addresses.set('debian', '192.0.2.7'), 5_200);
    expect(await timeTaken(access)).toBe(5_500);
    expect(await access).toEqual({ kind: 'ssh', host: '192.0.2.7', port: 22 });
  });

  test('tells meanwhile why there is no address yet, as the engine says it', async () => {
    const told: string[] = [];
    const address: VmControl['address'] = async (_vm, _context, onSilence) => {
      onSilence?.('the guest tools do not answer');
      return engine.addresses.get('debian');
    };
    const access = machineWith({ changes: { address } }).access('ssh', never, (reason) => told.push(reason));
    setTimeout(() => engine.addresses.set('debian', '192.0.2.7'), 300);
    await settled(access);
    expect(told).toEqual(['memory knows no address of the guest yet: the guest tools do not answer']);
  });

  test('says that it waited for an address when there never was one', async () => {
    const { signal } = linkSignal(never, { ms: 5_200, what: 'phase connect' });
    const access = machineWith().access('ssh', signal);
    expect(await timeTaken(access)).toBe(5_200);
    await expect(access).rejects.toMatchObject({
      message: "phase connect took longer than 5.2 s; it waited for the guest's address",
    });
  });

  test('waits no longer than it may', async () => {
    const abort = new AbortController();
    const access = machineWith().access('ssh', abort.signal);
    setTimeout(() => abort.abort(new Error('the phase is over')), 5_200);
    expect(await timeTaken(access)).toBe(5_200);
    await expect(access).rejects.toThrow('the phase is over');
  });
});

describe('other ways in', () => {
  test('the agent, where the engine has one', async () => {
    const link = {} as AgentLink;
    const agent = vi.fn(async () => link);
    const machine = machineWith({ changes: { agent } });
    expect(await machine.access('agent', never)).toEqual({ kind: 'agent', link });
    expect(agent).toHaveBeenCalledWith(
      vm,
      expect.objectContaining({ signal: never, folder: '/machines/abcdefgh' }),
    );
  });

  test.each(['agent', 'console'] as const)('%s is refused where there is none', async (kind) => {
    await expect(machineWith().access(kind, never)).rejects.toMatchObject({ code: 'CHANNEL_UNSUPPORTED' });
  });
});

test('a picture is taken where the engine can', async () => {
  const screenshot = vi.fn(async () => {});
  await machineWith({ changes: { screenshot } }).screenshot('/p.png', never);
  expect(screenshot).toHaveBeenCalledWith(vm, '/p.png', expect.anything());
  await expect(machineWith().screenshot('/p.png', never)).rejects.toMatchObject({ code: 'NO_SCREEN' });
});

test('the console’s log is named when there is one', () => {
  expect(machineWith({ arranged: { consoleLog: true } }).consoleLog).toBe('/logs/console.log');
  expect(machineWith().consoleLog).toBeUndefined();
});
