/** `taskkill`: ends a process with those that it has started, as far as the tree hangs together. */
import { readdirSync, readFileSync } from 'node:fs';
import { splitArguments } from './command-line.ts';

export function taskkill(line: string): number {
  const [tree, force, word, id, ...rest] = splitArguments(line);
  if (tree !== '/T' || force !== '/F' || word !== '/PID' || rest.length > 0 || !/^\d+$/.test(id ?? '')) {
    process.stderr.write('ERROR: Invalid syntax.\r\nType "TASKKILL /?" for usage.\r\n');
    return 1;
  }
  const pid = Number(id);
  if (parentOf(pid) === undefined) {
    process.stderr.write(`ERROR: The process "${pid}" not found.\r\n`);
    return 128;
  }
  for (const each of [...descendants(pid), pid]) {
    process.kill(each, 'SIGKILL');
    process.stdout.write(`SUCCESS: The process with PID ${each} has been terminated.\r\n`);
  }
  return 0;
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
  return children.flatMap((child) => [...descendants(child), child]);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined;
  }
}
