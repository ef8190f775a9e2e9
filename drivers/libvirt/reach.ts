/**
 * Where this host finds a guest's SSH port: at the guest's address, at a port that QEMU forwards, and for a libvirt that is
 * reached by SSH, at a port of our own that leads there through its host. Never at a remote guest's address as it stands:
 * libvirt's networks look alike on all hosts, and the same address may be another guest here.
 */
import type { GuestAddress, VmContext, VmRef } from '../vm/control.ts';
import { findAddress } from './address.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';
import { isLocal, sshTo } from './uri.ts';
import { forwardPort } from './user-network.ts';
import { uriOf, virsh } from './virsh.ts';
import { parseXml } from './xml.ts';

export class Reach {
  /** By the domain's name. */
  readonly #tunnels = new Map<string, Tunnel & { to: string }>();

  /** One look. */
  async find(
    vm: VmRef,
    context: VmContext,
    onSilence?: (words: string) => void,
  ): Promise<string | GuestAddress | undefined> {
    const { port } = context.target.guest;
    const live = parseXml(await virsh('reading the domain', ['dumpxml', '--domain', vm.id], context));
    const address = await findAddress(vm, live, context, onSilence);
    const forwarded = address === undefined ? await forwardPort(vm, live, port, context) : undefined;
    if (address === undefined && forwarded === undefined) return undefined;
    const there =
      forwarded === undefined ? { host: address ?? '', port } : { host: '127.0.0.1', port: forwarded };
    if (!isLocal(uriOf(context))) return this.#through(vm, there, context);
    return there;
  }

  /** The domain is no longer ours, or off. */
  end({ name }: Pick<VmRef, 'name'>): void {
    this.#tunnels.get(name)?.close();
    this.#tunnels.delete(name);
  }

  async #through(vm: VmRef, there: GuestAddress, context: VmContext): Promise<GuestAddress | undefined> {
    const command = sshTo(uriOf(context), there);
    // By TLS or TCP: we know of no way in but the guest's address, which may be that of a bridge.
    if (!command) return there.host === '127.0.0.1' ? undefined : there;
    const to = `${there.host} ${there.port}`;
    const known = this.#tunnels.get(vm.name);
    if (known?.to === to) return ours(known);
    this.end(vm);
    const tunnel = { ...(await openTunnel(context.host, command)), to };
    this.#tunnels.set(vm.name, tunnel);
    return ours(tunnel);
  }
}

function ours({ port }: Tunnel): GuestAddress {
  return { host: '127.0.0.1', port, endsWithUs: true };
}
