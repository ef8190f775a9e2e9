/** Domains for tests of the libvirt driver: the tiny guest, on a real libvirt of this host. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { tinyGuest } from './guests.ts';

const run = promisify(execFile);

/** QEMU of `qemu:///system` runs as a user who may look into this folder. */
const IMAGES = '/var/lib/libvirt/images';

export interface DomainOptions {
  name: string;
  /** Words for the kernel besides those of the guest. */
  append?: string;
  /** Default: libvirt's network `default`, from which the guest gets an address. */
  interface?: string;
  agent?: boolean;
}

/** One libvirt, and what tests have made in it. */
export class TestLibvirt {
  readonly uri: string;
  readonly folder: string;
  #domains: string[] = [];

  constructor(uri: string, folder: string) {
    this.uri = uri;
    this.folder = folder;
  }

  async virsh(...args: string[]): Promise<string> {
    const { stdout } = await run('virsh', ['--connect', this.uri, '--quiet', ...args], {
      env: { ...process.env, LC_ALL: 'C' },
    });
    return stdout.trim();
  }

  /** A domain that is off. @returns its UUID. */
  async define(options: DomainOptions): Promise<string> {
    const guest = await tinyGuest();
    const own = join(this.folder, randomBytes(4).toString('hex'));
    await mkdir(own, { recursive: true, mode: 0o755 });
    await Promise.all([
      copyFile(guest.kernel, join(own, 'vmlinuz')),
      copyFile(guest.initrd, join(own, 'initrd')),
      run('qemu-img', ['create', '-q', '-f', 'qcow2', join(own, 'disk.qcow2'), '64M']),
    ]);
    const xml = join(own, 'domain.xml');
    await writeFile(xml, domainXml(own, `${guest.append} tiny.dhcp=1 ${options.append ?? ''}`, options));
    await this.virsh('define', xml);
    const uuid = await this.virsh('domuuid', '--domain', options.name);
    this.#domains.push(uuid);
    return uuid;
  }

  /** Starts it and waits until its agent answers. */
  async boot(uuid: string): Promise<void> {
    await this.virsh('start', '--domain', uuid);
    for (let tries = 0; ; tries += 1) {
      const ping = this.virsh('qemu-agent-command', '--domain', uuid, '--cmd', '{"execute":"guest-ping"}');
      if (
        await ping.then(
          () => true,
          () => false,
        )
      )
        return;
      if (tries > 300) throw new Error('the agent never answered');
      await delay(200);
    }
  }

  /** Names of domains and overlays that cells have made. */
  async leftovers(): Promise<string[]> {
    const domains = (await this.virsh('list', '--all', '--name')).split('\n');
    const { stdout } = await run('find', [this.folder, '-name', 'vmtest-*.qcow2']);
    return [...domains, ...stdout.split('\n')].filter((name) =>
      /vmtest-[a-z0-9]{8}/.test(name.replace(this.folder, '')),
    );
  }

  async end(): Promise<void> {
    for (const uuid of this.#domains) {
      await this.virsh('destroy', '--domain', uuid).catch(() => {});
      await this.virsh('managedsave-remove', '--domain', uuid).catch(() => {});
      await this.virsh('undefine', '--domain', uuid, '--snapshots-metadata').catch(() => {});
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** `libvirtd` needs no init system. What this starts stays, as a service would: other tests and runs may use it. */
export async function testLibvirt(uri = 'qemu:///system'): Promise<TestLibvirt> {
  await startDaemons(uri);
  const folder = join(IMAGES, `test-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const made = new TestLibvirt(uri, folder);
  if (uri.endsWith('/system') && !(await made.virsh('net-list', '--name')).split('\n').includes('default'))
    await made.virsh('net-start', 'default');
  return made;
}

async function startDaemons(uri: string): Promise<void> {
  const answers = () =>
    run('virsh', ['--connect', uri, 'uri']).then(
      () => true,
      () => false,
    );
  if (await answers()) return;
  await run('virtlogd', ['-d']).catch(() => {});
  await run('libvirtd', ['-d']).catch(() => {});
  for (let tries = 0; !(await answers()); tries += 1) {
    if (tries > 50) throw new Error(`${uri} does not answer; ./scripts/setup.sh libvirt installs it`);
    await delay(200);
  }
}

function domainXml(
  folder: string,
  append: string,
  { name, interface: card, agent = true }: DomainOptions,
): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<domain type='qemu'>
  <name>${escaped(name)}</name>
  <memory unit='MiB'>128</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${folder}/vmlinuz</kernel>
    <initrd>${folder}/initrd</initrd>
    <cmdline>${escaped(append.trim())}</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${folder}/disk.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    ${card ?? "<interface type='network'><source network='default'/><model type='virtio'/></interface>"}
    <serial type='pty'/>
    <console type='pty'/>
    ${agent ? "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>" : ''}
    <video><model type='vga'/></video>
  </devices>
</domain>
`;
}
