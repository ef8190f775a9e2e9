/** QEMU's own network (`<interface type='user'>`, all there is in a session): nothing gets in but by a forwarded port. */
import { readForwardedPort } from '../forwarded-port.ts';
import type { VmContext, VmRef } from '../vm/control.ts';
import { virsh } from './virsh.ts';
import { type Document, first, select } from './xml.ts';

/**
 * A port of 127.0.0.1, where the domain runs, that leads to a port of its guest: one that is there, or one that is added to the
 * running QEMU and ends with it. Undefined when no card of the domain is on such a network.
 */
export async function forwardPort(
  { id }: VmRef,
  live: Document,
  port: number,
  context: VmContext,
): Promise<number | undefined> {
  const network = networkOf(live);
  if (network === undefined) return undefined;
  const monitor = (command: string) =>
    virsh(
      'forwarding a port to the guest',
      ['qemu-monitor-command', '--domain', id, '--hmp', '--cmd', command],
      context,
    );
  const known = readForwardedPort(await monitor('info usernet'), port);
  if (known !== undefined) return known;
  await monitor(`hostfwd_add ${network} tcp:127.0.0.1:0-:${port}`);
  return readForwardedPort(await monitor('info usernet'), port);
}

/** As libvirt calls it on QEMU's command line. passt is a program of its own, of which QEMU knows nothing. */
function networkOf(live: Document): string | undefined {
  const card = select(live, 'domain/devices/interface').find(
    (each) => each.attribs['type'] === 'user' && first(each, 'backend')?.attribs['type'] !== 'passt',
  );
  const alias = card && first(card, 'alias')?.attribs['name'];
  return alias === undefined ? undefined : `host${alias}`;
}
