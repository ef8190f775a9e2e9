/** A libvirt session: that of a user without rights, as on a person's own computer. */
import { execFile } from 'node:child_process';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEnclave } from './enclave.ts';
import { libvirtAt, type TestLibvirt } from './libvirt.ts';

/** That of QEMU itself: the session of a user without rights has no other. */
export const USER_NETWORK = "<interface type='user'><model type='virtio'/></interface>";

/** `nobody` of every Linux. For root, libvirt has no session: it takes `qemu:///session` for `qemu:///system`. */
const NOBODY = { uid: 65534, gid: 65534 };

export interface Session {
  libvirt: TestLibvirt;
  /** Runs a command as this user, in the folder `/`. Its failure is an answer. */
  run(...argv: string[]): Promise<{ exitCode: number; said: string }>;
  end(): Promise<void>;
}

/** @param home an empty folder, with a path short enough for sockets below it. */
export async function libvirtSession(home: string): Promise<Session> {
  const runtime = join(home, 'run');
  await mkdir(runtime, { mode: 0o700 });
  for (const folder of [home, runtime]) await chown(folder, NOBODY.uid, NOBODY.gid);
  // virsh itself starts the session's libvirtd, which ends with the enclave.
  const enclave = await startEnclave({ network: false, script: '' });
  // The right to read anything: Node, or this project, may lie where only root may look.
  const user = ['setpriv', `--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups'];
  const rights = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'];
  const folders = ['CONFIG', 'CACHE', 'STATE', 'DATA'].map(
    (name) => `XDG_${name}_HOME=${join(home, name.toLowerCase())}`,
  );
  const env = ['env', `HOME=${home}`, `XDG_RUNTIME_DIR=${runtime}`, ...folders];
  const enter = [...enclave.enter, ...user, ...rights, ...env];
  const place = { uri: 'qemu:///session', folder: join(home, 'images'), enter, owner: NOBODY };
  const libvirt = await libvirtAt(place);
  await chown(libvirt.folder, NOBODY.uid, NOBODY.gid);
  const [file = '', ...before] = enter;
  return {
    libvirt,
    run: (...argv) =>
      promisify(execFile)(file, [...before, ...argv]).then(
        ({ stdout, stderr }) => ({ exitCode: 0, said: stdout + stderr }),
        ({ code, stdout, stderr }) => ({ exitCode: code, said: stdout + stderr }),
      ),
    end: async () => {
      await libvirt.end().catch(() => {});
      await enclave.end();
    },
  };
}
