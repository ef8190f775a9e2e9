/** Unix sockets that lie in folders, and TCP ports on which processes listen, as the kernel tells them. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export async function socketsOf(pids: readonly number[], folders: readonly string[]): Promise<string[]> {
  const [unix, inodes, ports] = await Promise.all([unixSockets(), inodesOf(pids), listeningPorts()]);
  return [
    ...unix
      .filter((path) => folders.some((folder) => path.startsWith(folder)))
      .map((path) => `socket ${path}`),
    ...ports.filter(({ inode }) => inodes.has(inode)).map(({ port }) => `port ${port}`),
  ];
}

async function unixSockets(): Promise<string[]> {
  const lines = (await readFile('/proc/net/unix', 'utf8')).split('\n');
  return [...new Set(lines.map((line) => line.split(/\s+/)[7] ?? ''))];
}

const LISTENING = '0A';

async function listeningPorts(): Promise<{ port: number; inode: string }[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === LISTENING ? [{ port: Number.parseInt(local.split(':')[1] ?? '', 16), inode }] : [];
    }),
  );
}

async function inodesOf(pids: readonly number[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))?.[1];
      if (inode !== undefined) found.add(inode);
    }
  }
  return found;
}
