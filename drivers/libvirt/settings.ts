/** What a target and its URI say about the ways to a guest. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind } from '../../src/guest/channel.ts';
import type { VmInfo } from '../vm/control.ts';
import { isLocal, isSession } from './uri.ts';

/** Both may lead nowhere, which shows when they are tried: a domain says little of what is in its guest. */
export function accessOf(_vm: VmInfo, { guest }: BaseTarget): AccessKind[] {
  const hasCredentials = guest.key !== undefined || guest.password !== undefined || guest.sshAgent;
  return hasCredentials ? ['ssh', 'agent'] : ['agent', 'ssh'];
}

/** The log is written where the domain runs, by root for the system's libvirt. */
export function isLogReadable(uri: string): boolean {
  return isLocal(uri) && (isSession(uri) || process.getuid?.() === 0);
}
