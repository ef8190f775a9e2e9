/** Another host with a libvirt and an SSH server, in an enclave of this one: its network, its processes, its files. */
import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEnclave } from './enclave.ts';
import { libvirtAt, scratchImages, type TestLibvirt } from './libvirt.ts';

const run = promisify(execFile);

export interface LibvirtHost {
  libvirt: TestLibvirt;
  /** Its address, to which this host alone has a route. */
  address: string;
  /** Private key with which its root lets us in. */
  key: string;
  /** File of known hosts with its key. */
  known: string;
  /** An `ssh` that knows its key: libvirt's own parameters name no such file for it. */
  ssh: string;
  end(): Promise<void>;
}

/** @param folder for keys. Nothing of it is seen from that host, nor any other file of /tmp or of root's home. */
export async function libvirtHost(folder: string): Promise<LibvirtHost> {
  const [here, there] = addresses();
  const key = join(folder, 'id');
  for (const file of [key, join(folder, 'host')])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  const card = `vmt${randomBytes(4).toString('hex')}`;
  const enclave = await startEnclave({
    network: true,
    script: script(folder, `${there}/30`),
    // It ends with the other end, and that with its network.
    before: async (pid) => {
      const ends = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)];
      await run('ip', ['link', 'add', card, ...ends]);
      await run('ip', ['address', 'add', `${here}/30`, 'dev', card]);
      await run('ip', ['link', 'set', card, 'up']);
    },
  });
  const known = join(folder, 'known_hosts');
  await writeFile(known, `${there} ${await readFile(join(folder, 'host.pub'), 'utf8')}`);
  const ssh = join(folder, 'ssh');
  await writeFile(ssh, `#!/bin/sh\nexec ssh -o UserKnownHostsFile='${known}' "$@"\n`);
  await chmod(ssh, 0o755);
  const place = { uri: 'qemu:///system', folder: scratchImages(), enter: enclave.enter, root: enclave.root };
  const libvirt = await libvirtAt(place);
  return { libvirt, address: there, key, known, ssh, end: () => enclave.end() };
}

/** Of the range for tests of networks (RFC 2544), which nobody has a route to: a net of two, drawn by lot. */
function addresses(): [here: string, there: string] {
  const net = `198.${18 + randomInt(2)}.${randomInt(256)}`;
  const first = 4 * randomInt(64);
  return [`${net}.${first + 1}`, `${net}.${first + 2}`];
}

function script(keys: string, address: string): string {
  return `
own=/run/of-its-own
copy() {
  mkdir -p "$own" "$2" && mount -t tmpfs -o mode=755 tmpfs "$own" && cp -a "$1/." "$own" && mount --move "$own" "$2"
}
mount -t tmpfs -o mode=755 tmpfs /run
copy '${keys}' /run/sshd
copy /etc/libvirt /etc/libvirt
copy /var/cache/libvirt /var/cache/libvirt
for folder in /root /tmp /var/log /var/lib/libvirt; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
mkdir -p /var/lib/libvirt/images /var/log/libvirt
chown root:root /run/sshd && chmod 755 /run/sshd
# Where root's account is locked, sshd lets nobody in, with a key or without.
(umask 077 && sed 's/^root:[^:]*:/root:*:/' /etc/shadow >/run/shadow)
mount --bind /run/shadow /etc/shadow
ip link set lo up
ip address add ${address} dev eth0
ip link set eth0 up
virtlogd -d
libvirtd -d
/usr/sbin/sshd -f /dev/null -h /run/sshd/host -E /var/log/sshd \\
  -o AuthorizedKeysFile=/run/sshd/id.pub -o StrictModes=no -o UsePAM=no
virsh --connect qemu:///system net-start default >&2 ||
  virsh --connect qemu:///system net-list --name | grep -qx default
`;
}
