/** POSIX guests: everything is a script for `sh`. */
import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Dialect, FedScript } from '../dialect.ts';
import { checkClock, clockScript } from './clock.ts';
import { commandScript, fromStdin } from './command-script.ts';
import { killScript } from './kill.ts';
import type { GuestFacts } from './probe.ts';
import {
  checkPacked,
  checkUnpacked,
  listScript,
  packList,
  packScript,
  parseList,
  unpackScript,
} from './trees.ts';

export function posixDialect({ folder, leader, gzip }: GuestFacts): Dialect {
  return {
    killMs: 3_000,
    tidyMs: 2_000,
    path: (name) => `${folder}/${name}`,
    clock: () => clockScript(Math.round(Date.now() / 1000)),
    checkClock,
    command: (command, base, secret) => {
      const files = { folder, pid: pidFile(base), script: `${base}.script` };
      return commandScript(command, files, leader, secret);
    },
    fromStdin: (base, secret) => fromStdin({ folder, script: `${base}.command` }, secret),
    kill: (base) => killScript(pidFile(base)),
    unpack: (tar, to) => ({ script: unpackScript(to, gzip), input: gzip ? gzipped(tar) : tar }),
    checkUnpacked,
    list: listScript,
    parseList,
    pack: (from, files) => ({ script: packScript(from), input: packList(files) }),
    tarOf: (printed) => printed,
    checkPacked,
    removeFolder: () => `rm -rf ${folder}`,
  };
}

function pidFile(base: string): string {
  return `${base}.pid`;
}

/** Level 1 halves the time on slow ways in, and costs little on fast ones. */
function gzipped(tar: Readable): FedScript['input'] {
  const packed = tar.pipe(createGzip({ level: 1 }));
  // Its reader learns of the error; it may come before there is one.
  packed.on('error', () => {});
  tar.on('error', (error) => packed.destroy(error));
  return packed;
}
