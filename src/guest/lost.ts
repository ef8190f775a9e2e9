/** The one way to say that the guest went away: never an exit, always worth another try on a fresh machine. */
import { VmtestError } from '../host/errors.ts';

export function connectionLost(why: string, cause?: unknown): VmtestError {
  return new VmtestError('GUEST_CONNECTION_LOST', `the connection to the guest was lost: ${why}`, {
    hint: 'The guest crashed, restarted or lost its network. Look at the end of console.log.',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}
