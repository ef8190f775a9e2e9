/** A channel into a Windows guest over an engine's agent that answers. */
import type { AccessKind, AgentLink, ConnectOptions, GuestChannel } from '../channel.ts';
import { ScriptChannel } from '../script-channel.ts';
import { WindowsAgentTransport } from './agent-transport.ts';
import { loadBoot } from './boot.ts';
import { windowsDialect } from './dialect.ts';
import { checkUser } from './facts.ts';
import { getToKnow } from './get-to-know.ts';
import { loadScripts } from './script.ts';

export async function openWindowsAgent(
  link: AgentLink,
  { credentials: { user }, memory }: ConnectOptions,
  kind: AccessKind,
  signal: AbortSignal,
): Promise<GuestChannel> {
  const [boot, scripts] = await Promise.all([loadBoot(), loadScripts()]);
  const known = await getToKnow(new WindowsAgentTransport(link, boot), scripts, { user, memory }, signal);
  checkUser(known.facts, user);
  const { folder } = known.facts;
  const transport = new WindowsAgentTransport(link, boot, folder);
  return new ScriptChannel(transport, windowsDialect(folder, scripts), kind, { memory: known.memory });
}
