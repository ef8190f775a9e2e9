/** What else a program takes for granted: rights, a home, a folder for temporary files, programs, devices. */
import { chmod, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hardship, Imposed, Place } from './hardship.ts';

/** A checkout in a home that is closed to others is where it was, in an open one; all else of that home is gone. */
const IN_AN_OPEN_HOME = `home=$1 checkout=$2; shift 2
case $checkout in
  "$home"/*)
    aside=$(mktemp -d); mount --bind "$checkout" "$aside"; mount -t tmpfs -o mode=755 tmpfs "$home"
    mkdir -p "$checkout"; mount --bind "$aside" "$checkout"; umount -l "$aside"; rmdir "$aside" ;;
esac
exec "$@"`;
const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const NOBODY = [
  ...['unshare', '--mount', 'sh', '-ec', IN_AN_OPEN_HOME, 'sh', homedir(), CHECKOUT],
  ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
];

export const RIGHTS: readonly Hardship[] = [
  foreign('results', ['state', 'tmp']),
  foreign('state', ['project', 'tmp']),
  { ...foreign('cache', ['project', 'state', 'tmp']), cold: true },
  foreign('cache, with the clean state in it', ['project', 'state', 'tmp']),
];

export const MISSING: readonly Hardship[] = [
  without('a folder for temporary files', { env: { TMPDIR: '/nowhere/at/all' } }),
  without('HOME', { env: { HOME: undefined } }),
  {
    ...without('HOME where folders can be made', {
      env: { HOME: '/proc', XDG_STATE_HOME: undefined, XDG_CACHE_HOME: undefined },
    }),
    endings: ['refused'],
    says: /\/proc\/\.local could not be written/,
  },
  withoutProgram('qemu-img'),
  withoutProgram('qemu-system-x86_64'),
  without('/dev/kvm', {
    before: [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'umount -l /dev/kvm; mount --bind /dev/null /dev/kvm; exec "$@"',
      'sh',
    ],
  }),
];

/** What root has made before, as by `sudo vmtest run`, and somebody else is to use. */
function foreign(what: string, own: readonly (keyof Place)[]): Hardship {
  return {
    kind: 'rights',
    name: `${what} of another user`,
    endings: ['refused', 'errors'],
    says: /not allowed|permission/i,
    impose: async (place) => {
      await chmod(dirname(place.project), 0o755);
      for (const folder of own) await chmod(place[folder], 0o777);
      return {
        before: NOBODY,
        end: async () => {
          for (const folder of own) await chmod(place[folder], 0o755);
        },
      };
    },
  };
}

function without(what: string, imposed: Imposed): Hardship {
  return { kind: 'missing', name: `no ${what}`, endings: ['usual'], impose: async () => imposed };
}

function withoutProgram(program: string): Hardship {
  return {
    kind: 'missing',
    name: `no ${program}`,
    endings: ['refused'],
    says: new RegExp(`not found: ${program}`),
    impose: async ({ project }) => {
      const bin = join(dirname(project), 'bin');
      await mkdir(bin);
      for (const name of await readdir('/usr/bin')) {
        if (name !== program) await symlink(join('/usr/bin', name), join(bin, name));
      }
      return { env: { PATH: bin }, end: () => rm(bin, { recursive: true }) };
    },
  };
}
