/** The guest's address: what its Tools tell, else what VMware's own DHCP server has given its network card. */
import { readFile } from 'node:fs/promises';
import { toVmtestError } from '../../src/host/errors.ts';
import type { VmContext, VmRef } from '../vm/control.ts';
import { addressInLeases, cardOf, leaseFiles } from './dhcp-leases.ts';
import { isFailure, parseAddress } from './parse.ts';
import { readDictionary } from './vm-files.ts';
import { attempt, failure } from './vmrun.ts';

/** Milliseconds. Without `-wait` it answers at once, as a rule. */
const ADDRESS_MS = 10_000;

/** What passes by itself while a guest boots. */
const NOT_YET: ReadonlySet<string> = new Set(['GUEST_AGENT_LOST', 'VMWARE_NO_ADDRESS', 'VMWARE_TIMEOUT']);

export async function addressOf(
  vm: VmRef,
  context: VmContext,
  onSilence: (words: string) => void = () => {},
): Promise<string | undefined> {
  return (await fromTools(vm, context, onSilence)) ?? (await fromLeases(vm));
}

async function fromTools(
  vm: VmRef,
  context: VmContext,
  onSilence: (words: string) => void,
): Promise<string | undefined> {
  const call = { doing: 'asking for the address', code: 'VMWARE_NO_ADDRESS', timeout: ADDRESS_MS };
  try {
    const result = await attempt(context, ['getGuestIPAddress', vm.id], call);
    if (!isFailure(result)) return parseAddress(result.stdout);
    // The texts are those of a guest that does not answer, though no login is needed.
    throw failure(context, result, { ...call, inGuest: true });
  } catch (error) {
    context.signal.throwIfAborted();
    const { code, message } = toVmtestError(error);
    if (!NOT_YET.has(code)) throw error;
    onSilence(message);
    return undefined;
  }
}

async function fromLeases(vm: VmRef): Promise<string | undefined> {
  const card = cardOf((await readDictionary(vm.id)) ?? new Map());
  if (!card) return undefined;
  for (const file of leaseFiles(process.platform, process.env, card.network)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const address = addressInLeases(text, card.mac, new Date());
    if (address !== undefined) return address;
  }
  return undefined;
}
