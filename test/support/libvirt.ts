/** Domains for tests of the libvirt driver: the tiny guest, on a real libvirt of this host. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { KVM, kvmTrouble } from '../../drivers/libvirt/kvm.ts';
import { tinyGuest } from './guests.ts';

const run = promisify(execFile);

/** QEMU of `qemu:///system` runs as a user who may look into this folder. */
const IMAGES = '/var/lib/libvirt/images';

/** The group of all guests of libvirt, on a host without systemd. */
const CPU_GROUPS = '/sys/fs/cgroup/cpu';

/** How cells name what they make. */
const CLONE = /vmtest-[a-z0-9]{8}/;

export interface DomainOptions {
  name: string;
  /** Words for the kernel besides those of the guest. */
  append?: string;
  /** Default: libvirt's network `default`, from which the guest gets an address. */
  interface?: string;
  agent?: boolean;
  /** Its serial port. Default: a terminal that libvirt makes. */
  serial?: string;
}

/** A libvirt: how tests get at it, and where its guests may lie. */
export interface Place {
  uri: string;
  /** A folder for the files of domains, as libvirt sees it; made here, and removed at the end. */
  folder: string;
  /** What a command begins with that is to run where that libvirt is. Default: nothing. */
  enter?: readonly string[];
  /** The root folder of that place, as seen from here. Default: this host's. */
  root?: string;
  /** User and group whose the files are to be. */
  owner?: { uid: number; gid: number };
}

/** One libvirt, and what tests have made in it. */
export class TestLibvirt {
  readonly uri: string;
  readonly folder: string;
  readonly #place: Place;
  readonly #domains: string[] = [];

  constructor(place: Place) {
    this.uri = place.uri;
    this.folder = place.folder;
    this.#place = place;
  }

  /** The same folder, as seen from here. */
  get seen(): string {
    return join(this.#place.root ?? '/', this.folder);
  }

  async virsh(...args: string[]): Promise<string> {
    const argv = [...(this.#place.enter ?? []), 'virsh', '--connect', this.uri, '--quiet', ...args];
    const [file = '', ...rest] = argv;
    const { stdout } = await run(file, rest, { env: { ...process.env, LC_ALL: 'C' } });
    return stdout.trim();
  }

  /** A domain that is off. @returns its UUID. */
  async define(options: DomainOptions): Promise<string> {
    const guest = await tinyGuest();
    const own = randomBytes(4).toString('hex');
    const seen = join(this.seen, own);
    await mkdir(seen, { recursive: true, mode: 0o755 });
    await Promise.all([
      copyFile(guest.kernel, join(seen, 'vmlinuz')),
      copyFile(guest.initrd, join(seen, 'initrd')),
      run('qemu-img', ['create', '-q', '-f', 'qcow2', join(seen, 'disk.qcow2'), '64M']),
    ]);
    const append = `${guest.append} tiny.dhcp=1 ${options.append ?? ''}`;
    await writeFile(join(seen, 'domain.xml'), domainXml(join(this.folder, own), append, options));
    const { owner } = this.#place;
    if (owner) await run('chown', ['-R', `${owner.uid}:${owner.gid}`, seen]);
    await this.virsh('define', join(this.folder, own, 'domain.xml'));
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

  /** A snapshot of the running guest, with its memory. The domain is off afterwards. */
  async takeLive(uuid: string, snapshot: string): Promise<void> {
    await this.boot(uuid);
    await this.virsh('snapshot-create-as', '--domain', uuid, '--name', snapshot);
    await this.virsh('destroy', '--domain', uuid);
  }

  /** Names of domains, overlays and pools that cells have made of the domains here; other tests may be at theirs. */
  async leftovers(): Promise<string[]> {
    const { stdout } = await run('find', [this.seen, '-name', 'vmtest-*']);
    return [
      ...(await this.#madeByCells(['list', '--all', '--name'], ['dumpxml', '--domain'])),
      ...stdout.split('\n').filter((path) => CLONE.test(path.replace(this.seen, ''))),
      ...(await this.pools()),
    ];
  }

  /** Names of those that cells have made of the folders here. */
  pools(): Promise<string[]> {
    return this.#madeByCells(['pool-list', '--name'], ['pool-dumpxml', '--pool']);
  }

  /** Names of a list, of which each one's XML speaks of the folder here. */
  async #madeByCells(list: readonly string[], dump: readonly string[]): Promise<string[]> {
    const lines = (await this.virsh(...list)).split('\n');
    const names = lines.map((line) => line.trim()).filter((name) => CLONE.test(name));
    const xml = await Promise.all(
      names.map((name) => this.virsh(...dump, name).catch(() => 'gone meanwhile')),
    );
    return names.filter((_, at) => xml[at]?.includes(`${this.folder}/`));
  }

  /** Where the files of a domain are. */
  async folderOf(uuid: string): Promise<string> {
    const [, folder] =
      /file='([^']*)\/disk\.[^']*'/.exec(await this.virsh('dumpxml', '--domain', uuid)) ?? [];
    if (folder === undefined) throw new Error(`${uuid} has no disk`);
    return folder;
  }

  async end(): Promise<void> {
    for (const uuid of this.#domains) {
      await this.virsh('destroy', '--domain', uuid).catch(() => {});
      await this.virsh('managedsave-remove', '--domain', uuid).catch(() => {});
      await this.virsh('undefine', '--domain', uuid, '--snapshots-metadata').catch(() => {});
    }
    for (const pool of await this.pools()) await this.virsh('pool-destroy', '--pool', pool);
    await rm(this.seen, { recursive: true, force: true });
  }
}

/** That of this host. `libvirtd` needs no init system. What this starts stays, as a service would: other tests and runs may use it. */
export async function testLibvirt(): Promise<TestLibvirt> {
  await startDaemons('qemu:///system');
  const made = await libvirtAt({ uri: 'qemu:///system', folder: scratchImages() });
  if (!(await made.virsh('net-list', '--name')).split('\n').includes('default'))
    await made.virsh('net-start', 'default');
  return made;
}

export async function libvirtAt(place: Place): Promise<TestLibvirt> {
  await Promise.all([shareKvm(), giveGuestsTheirShare()]);
  const made = new TestLibvirt(place);
  await mkdir(made.seen, { recursive: true, mode: 0o755 });
  return made;
}

/** A path that nobody has yet. */
export function scratchImages(): string {
  return join(IMAGES, `test-${randomBytes(4).toString('hex')}`);
}

/**
 * Without systemd and with the first version of control groups, all of libvirt's guests together get as much of the processors as
 * one process outside of them: beside tests that boot guests of their own, one booted in minutes.
 */
async function giveGuestsTheirShare(): Promise<void> {
  const weight = 'cpu.shares';
  if (!existsSync(join(CPU_GROUPS, weight))) return;
  const guests = join(CPU_GROUPS, 'machine');
  await mkdir(guests, { recursive: true });
  await writeFile(join(guests, weight), String(16 * 1024));
}

/** As udev does where it runs, or libvirt is slow by minutes: see drivers/libvirt/kvm.ts. */
async function shareKvm(): Promise<void> {
  if (!(await kvmTrouble(KVM))) return;
  const { stdout } = await run('getent', ['group', 'kvm']);
  await chown(KVM, (await stat(KVM)).uid, Number(stdout.split(':')[2]));
  await chmod(KVM, 0o660);
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
  { name, interface: card, agent = true, serial = "<serial type='pty'/>" }: DomainOptions,
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
    ${serial}
    ${agent ? "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>" : ''}
    <video><model type='vga'/></video>
  </devices>
</domain>
`;
}
