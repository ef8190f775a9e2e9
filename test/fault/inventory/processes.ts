/** The processes of a test, wherever they were reparented to: by a mark that they inherit, or by a folder that they name. */
import { readdir, readFile } from 'node:fs/promises';

export interface FoundProcess {
  pid: number;
  argv: string[];
}

/** Without this one. Those that have ended and wait for their parent's look have no arguments, and are left out. */
export async function processesOf(mark: string, folders: readonly string[]): Promise<FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => look(pid, mark, folders)));
  return found.filter((each) => each !== undefined);
}

async function look(
  pid: number,
  mark: string,
  folders: readonly string[],
): Promise<FoundProcess | undefined> {
  if (pid === process.pid) return undefined;
  const argv = (await words(pid, 'cmdline')).filter((word) => word !== '');
  if (argv.length === 0) return undefined;
  const isNamed = argv.some((word) => folders.some((folder) => word.includes(folder)));
  if (!isNamed && !(await words(pid, 'environ')).includes(mark)) return undefined;
  return { pid, argv };
}

/** None of a process that has ended meanwhile, or belongs to another user. */
async function words(pid: number, file: 'cmdline' | 'environ'): Promise<string[]> {
  return (await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')).split('\0');
}
