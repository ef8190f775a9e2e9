/** What a dead run had told its engine to do: that goes on without it, and only then is there all that can be swept. */
import { basename, extname } from 'node:path';
import { sleep } from '../../src/host/deadline.ts';
import { findProcesses } from '../../src/host/find-processes.ts';
import type { Host } from '../../src/host/host.ts';
import type { VmControl, VmRef } from './control.ts';

/** Milliseconds. A linked clone is made in seconds; what takes longer may be a person's, and is nobody's to end. */
const LONGEST_MS = 10_000;
const PAUSE_MS = 50;

/** Resolves when no command about the VM is on its way any more, or none that is worth waiting for. */
export async function untilDone(
  { tool }: Pick<VmControl, 'tool'>,
  vm: VmRef,
  { host, signal }: { host: Pick<Host, 'exec'>; signal: AbortSignal },
): Promise<void> {
  // Windows has no quick list of processes with their arguments.
  if (tool === undefined || process.platform === 'win32') return;
  const search = { host, signal, isWanted: (argv: readonly string[]) => isAbout(argv, tool, vm) };
  const end = performance.now() + LONGEST_MS;
  const what = `the end of ${tool} for ${vm.name}, which a dead run had begun`;
  while ((await findProcesses(search)).length > 0 && performance.now() < end)
    await sleep(PAUSE_MS, signal, what);
}

/** By an interpreter or a wrapper too, in front of the tool. Exported for its test. */
export function isAbout(argv: readonly string[], tool: string, { id, name }: VmRef): boolean {
  const at = argv.findIndex((word) => basename(word, extname(word)) === tool);
  if (at < 0 || at > 2) return false;
  return argv.slice(at + 1).some((word) => word === name || word.includes(id));
}
