/** What a person would do with Parallels Desktop before vmtest comes: make a VM. For tests. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StandIns } from '../create.ts';
import { createBacking } from '../machine/backing.ts';
import { newVm } from './machines.ts';
import { backingOf, changeBooks, type Vm } from './state.ts';

/** A VM with the tiny guest, off and without snapshots. @returns its UUID, without braces. */
export async function makeVm(
  standIns: StandIns,
  name: string,
  more: Partial<Pick<Vm, 'tools' | 'status'>> & { bundle?: string } = {},
): Promise<string> {
  const { bundle = 'pvm', ...changes } = more;
  const id = randomUUID();
  const home = join(standIns.state, 'Parallels', `${id}.${bundle}`);
  await mkdir(home, { recursive: true });
  await createBacking(backingOf(id).folder);
  await changeBooks((books) => {
    books.vms = { ...books.vms, [id]: { ...newVm(books, name, home), ...changes } };
  });
  return id;
}

/** Types a command line; fails when it does. */
export async function type(standIns: StandIns, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await standIns.host.exec(['prlctl', ...args]);
  if (exitCode !== 0) throw new Error(`prlctl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
