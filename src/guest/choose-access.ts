/** Which way into a guest to take. */
import { VmtestError } from '../host/errors.ts';
import type { AccessKind, Credentials } from './channel.ts';

export interface ChosenAccess {
  /** Best first; the first that answers is taken. */
  ways: AccessKind[];
  /** One sentence for people. */
  why: string;
}

/**
 * @param offered what the engine offers for this target, best first.
 * @throws VmtestError `CHANNEL_UNSUPPORTED`, `NO_WAY_IN`
 */
export function chooseAccess(
  offered: readonly AccessKind[],
  wanted: AccessKind | 'auto',
  credentials: Credentials,
): ChosenAccess {
  if (wanted !== 'auto') {
    if (offered.includes(wanted)) return { ways: [wanted], why: `${wanted}, as the matrix file says.` };
    throw new VmtestError('CHANNEL_UNSUPPORTED', `this target offers no way in by ${wanted}`, {
      hint: `It offers: ${offered.join(', ') || 'none'}. Look at its network, and at its guest agent.`,
    });
  }
  const ways = offered.filter((kind) => kind !== 'ssh' || canLogIn(credentials));
  const without =
    offered.includes('ssh') && !ways.includes('ssh') ? ' (no key, password or agent for ssh)' : '';
  const [best, next] = ways;
  if (best === undefined) {
    throw new VmtestError('NO_WAY_IN', `there is no way into the guest${without}`, {
      hint: "Give `guest.key`, `guest.password` or `guest.agent` for SSH, or use an image with the engine's guest agent.",
    });
  }
  if (next !== undefined) return { ways, why: `${best} or ${next}, whichever answers first.` };
  return { ways, why: `${best}, the only way in that this target has${without}.` };
}

function canLogIn({ privateKey, password, agentSocket }: Credentials): boolean {
  return privateKey !== undefined || password !== undefined || agentSocket !== undefined;
}
