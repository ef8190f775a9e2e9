/** Waits until a console lets us in and its shell runs a command. */
import { VmtestError } from '../../host/errors.ts';
import { connectAgent } from '../agent/connect.ts';
import type { ConnectOptions, ConsoleAccess, GuestChannel } from '../channel.ts';
import { createConsoleLink } from './link.ts';

/**
 * The channel is that of an engine's agent, over the console.
 * @throws VmtestError what cannot be mended by waiting (`GUEST_AUTH_FAILED`, `GUEST_USER`, `GUEST_CONSOLE_UNSUPPORTED`);
 * the signal's reason when it aborts. The stream is closed then.
 */
export async function connectConsole(
  { stream, share }: Pick<ConsoleAccess, 'stream' | 'share'>,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<GuestChannel> {
  const { credentials, memory } = options;
  const prompt = options.prompt === undefined ? undefined : toPattern(options.prompt);
  const link = createConsoleLink(stream, {
    credentials,
    resume: memory !== undefined,
    ...(prompt === undefined ? {} : { prompt }),
    ...(share === undefined ? {} : { share }),
  });
  return connectAgent(link, options, signal, 'console');
}

function toPattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new VmtestError('GUEST_PROMPT_INVALID', `\`guest.prompt\` is no regular expression: ${text}`, {
      hint: 'For example `[#$] $`.',
      cause: error,
    });
  }
}
