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
  if (access.kind === 'agent') {
    const { connectAgent } = await import('./agent/connect.ts');
    return connectAgent(access.link, options, signal);
  }
  if (access.kind === 'console') {
    if (options.os === 'windows') {
      access.stream.destroy();
      throw noConsole();
    }
    const { connectConsole } = await import('./console/connect.ts');
    return connectConsole(access, options, signal);
  }
  signal.throwIfAborted();
  const { connectSsh } = await import('./ssh/connect.ts');
  return connectSsh(access, options, signal);
}

/** Windows has a serial console of its own (EMS), with a menu of another kind and no shell behind it that could be typed at. */
function noConsole(): VmtestError {
  return new VmtestError(
    'GUEST_OS_UNSUPPORTED',
    'a Windows guest has no console that commands could be typed at',
    {
      hint: "Use `channel: ssh` or `channel: agent`, or an engine's `auto`.",
    },
  );
}
