/** From a way in to a channel that is ready. */
import { VmtestError } from '../host/errors.ts';
import type { Access, ConnectOptions, GuestChannel } from './channel.ts';

/**
 * Polls until somebody is logged in and has run a command, or the signal aborts. The signal carries the deadline: what it
 * waited for last is told to `options.onAttempt`. An agent's link and a console's stream belong to the channel, and are
 * closed when there is none.
 * @throws VmtestError what waiting cannot mend, not retryable and with a hint; the signal's reason when it aborts.
 */
export async function connect(
  access: Access,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<GuestChannel> {
  if (options.os === 'windows') {
    if (access.kind === 'agent') await access.link.close();
    if (access.kind === 'console') access.stream.destroy();
    throw new VmtestError('GUEST_OS_UNSUPPORTED', 'Windows guests cannot be reached yet', {
      hint: 'Linux, macOS and FreeBSD guests can. Leave this target out with a selector.',
    });
  }
  if (access.kind === 'agent') {
    const { connectAgent } = await import('./agent/connect.ts');
    return connectAgent(access.link, options, signal);
  }
  if (access.kind === 'console') {
    const { connectConsole } = await import('./console/connect.ts');
    return connectConsole(access, options, signal);
  }
  signal.throwIfAborted();
  const { connectSsh } = await import('./ssh/connect.ts');
  return connectSsh(access, options, signal);
}
