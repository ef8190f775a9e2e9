/** Hyper-V as verbs: every one is a run of a script, since its state has no other command line. */
import { writeFile } from 'node:fs/promises';
import type { BaseTarget } from '../../matrix/model.ts';
import { VmtestError } from '../../src/host/errors.ts';
import { encodePng } from '../../src/host/png.ts';
import type {
  CloneRequest,
  VmContext,
  VmControl,
  VmInfo,
  VmRef,
  VmSnapshot,
  VmState,
} from '../vm/control.ts';
import { chooseAddress } from './addresses.ts';
import type { Script } from './answer-shapes.ts';
import { isBusy, isMissing } from './errors.ts';
import { type HypervVm, type Inventory, pickVm, vmState } from './inventory.ts';
import { PICTURE, pictureOf } from './picture.ts';
import { powershellDirect } from './powershell-direct.ts';
import { probeHyperv } from './probe.ts';
import { base64Text, runScript } from './run-script.ts';

/** Milliseconds. A script starts PowerShell (a second or two) and waits until Hyper-V has settled. */
const TIMEOUTS = { look: 60_000, change: 180_000 };

async function inventory(wanted: string, context: VmContext): Promise<Inventory> {
  const request = { vm: base64Text(wanted) };
  const found = (await look('find', request, 'looking for VMs', 'HYPERV_LIST_FAILED', context)) as Inventory;
  if (found.all.length > 0 || found.rights) return found;
  throw new VmtestError('HYPERV_NO_RIGHTS', 'you may not manage VMs: Hyper-V shows you none', {
    hint: 'Join the group Hyper-V Administrators and log in again, or run vmtest from an elevated terminal.',
  });
}

async function find(vm: string, context: VmContext): Promise<VmInfo | undefined> {
  return pickVm(vm, (await inventory(vm, context)).found);
}

async function state({ id, name }: VmRef, context: VmContext): Promise<VmState | undefined> {
  try {
    const answer = await look('state', { id }, `looking at the VM ${name}`, 'HYPERV_LOOK_FAILED', context);
    const now = answer as { state: string; operation: string };
    return vmState(now.state, now.operation);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function session({ id, name }: VmRef, context: VmContext): Promise<string | undefined> {
  const answer = await look('session', { id }, `looking at the VM ${name}`, 'HYPERV_LOOK_FAILED', context);
  const { process } = answer as { process: number | null };
  return process === null ? undefined : String(process);
}

function whyNoClone(vm: VmInfo, { live }: VmSnapshot): string | undefined {
  if (live) return 'the checkpoint holds the memory of a running VM, and a new VM cannot go on with it';
  if ((vm as HypervVm).tpm) return 'the VM has a virtual TPM, whose keys a new VM does not get';
  return undefined;
}

async function clone(vm: VmInfo, request: CloneRequest, context: VmContext): Promise<VmRef> {
  const { snapshot, name, folder } = request;
  const words = { id: vm.id, snapshot: snapshot.id, name, folder: base64Text(folder) };
  const answer = await change('clone', words, `cloning the VM ${vm.name}`, 'HYPERV_CLONE_FAILED', context);
  return { id: (answer as { id: string }).id, name };
}

async function powerOff({ id, name }: VmRef, context: VmContext): Promise<void> {
  try {
    await change('power-off', { id }, `powering off the VM ${name}`, 'HYPERV_STOP_FAILED', context);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function address({ id, name }: VmRef, context: VmContext): Promise<string | undefined> {
  const doing = `asking for the address of the VM ${name}`;
  const answer = await look('address', { id }, doing, 'HYPERV_ADDRESS_FAILED', context);
  return chooseAddress((answer as { addresses: unknown[] }).addresses);
}

async function screenshot({ id, name }: VmRef, path: string, context: VmContext): Promise<void> {
  const doing = `taking a picture of the VM ${name}`;
  const answer = await look('screenshot', { id, ...PICTURE }, doing, 'HYPERV_NO_PICTURE', context);
  const picture = pictureOf(Buffer.from((answer as { pixels: string }).pixels, 'base64'));
  if (!picture) throw new VmtestError('HYPERV_NO_PICTURE', `${doing} failed: the picture is too small`);
  await writeFile(path, encodePng(picture), { mode: 0o600 });
}

function look(script: Script, request: object, doing: string, code: string, of: VmContext): Promise<unknown> {
  return runScript(script, request, { ...of, doing, code, timeout: TIMEOUTS.look });
}

function change(
  script: Script,
  request: object,
  doing: string,
  code: string,
  of: VmContext,
): Promise<unknown> {
  return runScript(script, request, { ...of, doing, code, timeout: TIMEOUTS.change });
}

export const hypervControl: VmControl = {
  engine: 'hyperv',
  capabilities: {
    liveSnapshot: true,
    linkedClone: true,
    parallel: true,
    agent: true,
    console: false,
    screenshot: true,
    portForward: false,
  },
  // Hyper-V's service takes changes one after another anyway.
  commandsAtOnce: 4,
  // A look starts PowerShell and loads Hyper-V's module: a second of one core.
  watchPause: 5_000,

  probe: probeHyperv,
  list: async (context) => (await inventory('', context)).all,
  find,
  state,
  session,
  // PowerShell Direct is for Windows guests; every call of it takes seconds.
  access: (_vm: VmInfo, { os }: BaseTarget) => (os === 'windows' ? ['ssh', 'agent'] : ['ssh']),
  agent: async (vm, context) => powershellDirect(vm, context),
  whyNoClone,
  clone,
  remove: async (name, context) => {
    await change('remove', { name }, `removing the clone ${name}`, 'HYPERV_REMOVE_FAILED', context);
  },
  restore: async ({ id, name }, snapshot, context) => {
    const doing = `restoring the checkpoint ${JSON.stringify(snapshot.path)} of the VM ${name}`;
    await change('restore', { id, snapshot: snapshot.id }, doing, 'HYPERV_RESTORE_FAILED', context);
  },
  start: async ({ id, name }, context) => {
    await change('start', { id }, `starting the VM ${name}`, 'HYPERV_START_FAILED', context);
  },
  shutdown: async ({ id, name }, context) => {
    const doing = `shutting down the VM ${name}`;
    await look('shutdown', { id }, doing, 'HYPERV_SHUTDOWN_FAILED', context);
  },
  powerOff,
  address,
  screenshot,
  waysIn: ({ id }) => [`vmconnect.exe localhost -G ${id}`],
  isBusy,
};
