/** A command of an engine's tool that a dead run has left behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export const TOOL = 'my-tool';

/** Has begun, and ends after half a second. @returns tells whether it ended before something else did. */
export async function commandOnItsWay(
  ...words: string[]
): Promise<(other: Promise<unknown>) => Promise<boolean>> {
  const child = spawn('sh', ['-c', 'sleep 0.5; exit', TOOL, ...words], { argv0: TOOL });
  onTestFinished(() => void child.kill());
  await once(child, 'spawn');
  const ended = once(child, 'exit').then(() => true);
  return (other) => Promise.race([ended, other.then(() => false)]);
}
