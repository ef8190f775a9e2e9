/** A guest's clock that is a file, and the programs that read and set it as one system or another does. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from './scratch.ts';

const DATES = {
  gnu: 'case "$*" in "-u +%s") cat clock;; "-u -s @"*) echo "$3" | tr -d @ >clock; echo ok;; *) exit 1;; esac',
  bsd: 'case "$*" in "-u +%s") cat clock;; "-u -f %s "*) echo "$4" >clock; echo ok;; *) exit 1;; esac',
  powerless: 'case "$*" in "-u +%s") cat clock;; *) echo "Operation not permitted" >&2; exit 1;; esac',
};

export interface GuestClock {
  date: keyof typeof DATES;
  /** Default: what `id` of this host says. */
  uid?: number;
  sudo?: 'none' | 'works' | 'refuses';
  /** Seconds since the epoch. */
  clock: number;
}

/** An environment whose PATH starts with these programs, and what the clock says now. */
export async function guestClock({ date, uid, sudo = 'none', clock }: GuestClock) {
  const folder = await scratchFolder();
  await chmod(folder, 0o755);
  const program = async (name: string, text: string) => {
    await writeFile(join(folder, name), `#!/bin/sh\ncd ${folder} || exit 9\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  };
  await program('date', DATES[date]);
  if (uid !== undefined) await program('id', `echo ${uid}`);
  if (sudo !== 'none') await program('sudo', sudo === 'works' ? 'shift; exec "$@"' : 'exit 1');
  const file = join(folder, 'clock');
  await writeFile(file, `${clock}\n`);
  return {
    env: { ...process.env, PATH: `${folder}:${process.env['PATH']}` },
    now: async () => Number(await readFile(file, 'utf8')),
    set: (seconds: number) => writeFile(file, `${seconds}\n`),
  };
}
