/** What is wrong with a target besides its VM and snapshot. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { AccessKind } from '../../src/guest/channel.ts';
import type { TargetProblem } from '../driver.ts';
import type { VmInfo } from '../vm/control.ts';
import { findSnapshots } from '../vm/snapshots.ts';
import { nameProblem } from './snapshot-names.ts';

/** By SSH first: every command through the Tools takes a program on the host, a login in the guest, and a second or two. */
export function offeredAccess({ os, guest }: BaseTarget): AccessKind[] {
  const agent = isPosix(os) && (guest.password ?? '') !== '';
  return agent ? ['ssh', 'agent'] : ['ssh'];
}

export function targetProblems({ snapshots }: VmInfo, { guest, os, snapshot }: BaseTarget): TargetProblem[] {
  const [chosen] = findSnapshots(snapshot, snapshots);
  const unsayable = chosen && nameProblem(chosen, snapshots);
  const problems = unsayable ? [unsayable] : [];
  if (guest.channel !== 'agent') return problems;
  if (!isPosix(os)) {
    problems.push({
      code: 'CHANNEL_UNSUPPORTED',
      message: `\`channel: agent\` is not there for guests with \`os: ${os}\` on VMware`,
      hint: 'Use `channel: ssh`.',
    });
  } else if ((guest.password ?? '') === '') {
    problems.push({
      code: 'VMWARE_NO_GUEST_PASSWORD',
      message: 'VMware lets nobody into a guest without a password',
      hint: 'Set `guest.password` to that of a local account of the guest; it may not be empty. Or use `channel: ssh`.',
    });
  }
  return problems;
}

function isPosix(os: BaseTarget['os']): boolean {
  return os === 'linux' || os === 'macos' || os === 'freebsd';
}
