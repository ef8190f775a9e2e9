/** Processes of this host, as tests look for them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

/** Command lines of living QEMU processes that name a folder: the machines of one test's state. */
export async function engineProcesses(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (/^[^\0]*qemu-system/.test(argv) && argv.includes(folder)) found.push(argv.replaceAll('\0', ' '));
  }
  return found;
}

/** The id of a process that has just ended: nobody has it. */
export async function endedProcessId(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid as number;
}
