/** The guest agent's refusals as coded errors. Its error classes are stable, its texts are not and only shown. */
import { VmtestError } from '../../host/errors.ts';

export function agentRefused(command: string, error: { class: string; desc: string }): VmtestError {
  if (error.class === 'CommandNotFound') {
    return new VmtestError(
      'GUEST_AGENT_DISABLED',
      `the guest agent does not allow ${command}: ${error.desc}`,
      {
        hint:
          'RHEL, Fedora and their kin forbid it by default: in the image, take the guest-exec and guest-file commands out of ' +
          'BLOCK_RPCS (or put them into the allow-list of FILTER_RPC_ARGS) in /etc/sysconfig/qemu-ga. Or use `channel: ssh`.',
      },
    );
  }
  return new VmtestError('GUEST_AGENT_REFUSED', `the guest agent refused ${command}: ${error.desc}`);
}

export function agentLost(why: string, cause?: unknown): VmtestError {
  return new VmtestError('GUEST_AGENT_LOST', `the guest agent was lost: ${why}`, {
    hint: 'The guest crashed, restarted, or its agent did. Look at the end of console.log.',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** It speaks, but not as the guest agent does: what else it says is not believed. */
export function agentOdd(command: string): VmtestError {
  return agentLost(`what it answered to ${command} makes no sense`);
}
