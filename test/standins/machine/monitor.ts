/** One command to the monitor (QMP) of a backing's QEMU. */
import { openQmp } from '../../../drivers/qemu/qmp.ts';
import { connectWhenThere } from '../../../drivers/qemu/unix-socket.ts';
import { type Backing, filesOf } from './files.ts';

const COMMAND_MS = 60_000;

/** Waits for its turn: QEMU talks to one client at a time, and to none before a saved state is loaded. */
export async function monitor<T>(
  backing: Backing,
  command: string,
  args?: Record<string, unknown>,
  signal = AbortSignal.timeout(COMMAND_MS),
): Promise<T> {
  const qmp = await openQmp(await connectWhenThere(filesOf(backing).qmp, signal), signal);
  try {
    return (await qmp.execute(command, args, { signal, timeout: COMMAND_MS })) as T;
  } finally {
    qmp.close();
  }
}

/** A command of the human monitor, which answers nothing unless it fails. */
export async function humanMonitor(backing: Backing, line: string): Promise<void> {
  const answer = await monitor<string>(backing, 'human-monitor-command', { 'command-line': line });
  if (answer.trim() !== '') throw new Error(`${line}: ${answer.trim()}`);
}
