/** The guests that tests boot: built by the project's own recipes, cached between runs, never downloaded as images. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Guest {
  folder: string;
  kernel: string;
  initrd: string;
  /** Kernel command line. */
  append: string;
  /** Private key of root. */
  key: string;
  /** The disk: the root file system of Debian; for the tiny guest, one that boots by itself. */
  image: string;
}

/** Busybox, an SSH server and the guest agent; up in seconds, 128M are enough. */
export function tinyGuest(arch: 'amd64' | 'arm64' = 'amd64'): Promise<Guest> {
  return once(`tiny ${arch}`, async () => {
    const folder = await build('test/guests/build-tiny.sh', arch);
    const append = `console=${arch === 'arm64' ? 'ttyAMA0' : 'ttyS0'} quiet`;
    return guestIn(folder, 'boot.img', append);
  });
}

/** Busybox and an SSH server on a kernel for 32-bit PCs; 96M are enough. `key` is for its SSH server. */
export function i386Guest(): Promise<Guest> {
  return once('tiny i386', async () => {
    const folder = await build('test/guests/build-i386.sh');
    return guestIn(folder, 'boot.img', 'console=ttyS0 quiet');
  });
}

/** A whole Debian with systemd; 512M. */
export function debianGuest(release: 12 | 13): Promise<Guest> {
  return once(`debian ${release}`, async () => {
    const folder = await build('examples/debian/guests/build.sh', String(release));
    return guestIn(folder, 'disk.img', (await readFile(join(folder, 'cmdline'), 'utf8')).trim());
  });
}

/** Those of examples/quickstart, which its recipe puts where the matrix file looks for them. */
export async function quickstartGuests(): Promise<void> {
  await build('examples/quickstart/guests/build.sh');
}

function guestIn(folder: string, image: string, append: string): Guest {
  return {
    folder,
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd'),
    append,
    key: join(folder, 'id_ed25519'),
    image: join(folder, image),
  };
}

const guests = new Map<string, Promise<Guest>>();

function once(name: string, make: () => Promise<Guest>): Promise<Guest> {
  const guest = guests.get(name) ?? make();
  guests.set(name, guest);
  return guest;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD_MS = 900_000;

/** The recipe's last line is the folder. What it lacks, it says; `scripts/setup.sh` installs it. */
async function build(recipe: string, ...what: string[]): Promise<string> {
  try {
    const argv = [join(ROOT, recipe), ...what];
    const { stdout } = await promisify(execFile)('bash', argv, { timeout: BUILD_MS });
    return stdout.trim().split('\n').at(-1) ?? '';
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const tail = stderr.trim().split('\n').slice(-10).join('\n');
    throw new Error(
      `${[recipe, ...what].join(' ')} failed. Install what it needs with scripts/setup.sh.\n${tail}`,
      {
        cause: error,
      },
    );
  }
}
