/** What guestcontrol asks of a target. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { TargetProblem } from '../driver.ts';

/** It logs in with a password, and what vmtest runs by it are POSIX scripts. */
export function offersAgent({ guest, os }: BaseTarget): boolean {
  return guest.password !== undefined && os !== 'windows';
}

export function agentProblems(target: BaseTarget): TargetProblem[] {
  if (target.guest.channel !== 'agent' || offersAgent(target)) return [];
  return [
    target.os === 'windows'
      ? {
          code: 'VIRTUALBOX_AGENT_WINDOWS',
          message: 'the Guest Additions of a Windows guest cannot be used as a way in',
          hint: 'Use `channel: ssh`: OpenSSH Server is an optional feature of Windows.',
        }
      : {
          code: 'VIRTUALBOX_AGENT_PASSWORD',
          message: 'the Guest Additions ask for a password',
          hint: 'Give `guest.password`, or use `channel: ssh`.',
        },
  ];
}
