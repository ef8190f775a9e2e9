import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { libvirtDriver } from '../../../drivers/libvirt/driver.ts';
import { restoresExternal } from '../../../drivers/libvirt/restorable.ts';
import { gone, open } from '../../support/guest-run.ts';
import { tinyGuest } from '../../support/guests.ts';
import { type TestLibvirt, testLibvirt } from '../../support/libvirt.ts';
import { project } from '../../support/project.ts';
import { targetOf } from '../../support/targets.ts';
import { testHost } from '../../support/test-host.ts';

let libvirt: TestLibvirt;
beforeAll(async () => {
  libvirt = await testLibvirt();
});
afterAll(() => libvirt.end());

const CELLS = 4;
const never = new AbortController().signal;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Defines a domain with the external snapshot "clean", of its disk alone; its uuid. */
async function withDiskSnapshot(name: string): Promise<string> {
  const uuid = await libvirt.define({ name });
  await libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'clean', '--disk-only');
  return uuid;
}

test('four cells at once on one domain, by SSH, each at an address of its own', async () => {
  const vm = `four ${process.pid}`;
  await withDiskSnapshot(vm);
  const { key } = await tinyGuest();
  const p = await project({
    'matrix.yml': `version: 1
targets:
  tiny:
    engine: libvirt
    vm: ${JSON.stringify(vm)}
    snapshot: clean
    guest: { user: root, key: ${JSON.stringify(key)}, channel: ssh }
matrix:
  target: [tiny]
  n: [1, 2, 3, 4]
limits: { jobs: ${CELLS}, cpus: ${CELLS} }
test:
  run: test ! -e /root/mark && touch /root/mark && ip -4 -o addr show dev eth0
`,
  });
  const { exitCode, stdout } = await p.vmtest('run', 'matrix.yml');
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
  const addresses = new Set([...stdout.matchAll(/inet (\d+(?:\.\d+){3})/g)].map(([, address]) => address));
  expect(addresses.size).toBe(CELLS);
  expect(await libvirt.leftovers()).toEqual([]);
});

const agentTarget = (vm: string, more = '') =>
  `{ engine: libvirt, vm: ${JSON.stringify(vm)}, snapshot: clean, guest: { channel: agent }${more} }`;

test('what a killed run has left is found after a reboot too, when libvirt has forgotten all of it', async () => {
  const vm = `rebooted ${process.pid}`;
  await withDiskSnapshot(vm);
  const p = await project({
    'matrix.yml': `version: 1\ntargets:\n  tiny: ${agentTarget(vm)}\ntest: { run: sleep 600 }\n`,
  });
  const running = p.start('run', 'matrix.yml', '--verbose');
  await running.says(/phase test|phase run/);
  running.kill('SIGKILL');
  await running.ended;
  const left = await libvirt.leftovers();
  const [clone = ''] = left;
  const [pool = ''] = await libvirt.pools();
  await libvirt.virsh('destroy', '--domain', clone);
  await libvirt.virsh('pool-destroy', '--pool', pool);
  const files = await libvirt.leftovers();
  expect(files).toEqual([expect.stringMatching(`${clone}-vda.qcow2$`)]);
  const swept = await p.vmtest('clean');
  expect(swept, swept.stderr).toMatchObject({ exitCode: 0 });
  expect(swept.stdout).toContain(`libvirt machine ${clone.replace('vmtest-', '')}`);
  expect(await libvirt.leftovers()).toEqual([]);
});

test('a pool of somebody’s, which is not active, is named', async () => {
  const vm = `pooled ${process.pid}`;
  const uuid = await withDiskSnapshot(vm);
  const folder = await libvirt.folderOf(uuid);
  const pool = `pool of ${process.pid}`;
  await libvirt.virsh('pool-define-as', '--name', pool, '--type', 'dir', '--target', folder);
  const p = await project({
    'matrix.yml': `version: 1\ntargets:\n  tiny: ${agentTarget(vm)}\ntest: { run: echo in the guest }\n`,
  });
  try {
    const refused = await p.vmtest('run', 'matrix.yml');
    expect(refused).toMatchObject({ exitCode: 3 });
    expect(refused.stdout).toContain(`the storage pool ${pool} has that folder, and is not active`);
    expect(refused.stdout).toContain('virsh pool-start');
    await libvirt.virsh('pool-start', '--pool', pool);
    expect(await p.vmtest('run', 'matrix.yml')).toMatchObject({ exitCode: 0 });
    // A person's stays as it is.
    expect(await libvirt.virsh('pool-list', '--name')).toContain(pool);
    expect(await libvirt.leftovers()).toEqual([]);
  } finally {
    await libvirt.virsh('pool-destroy', '--pool', pool).catch(() => {});
    await libvirt.virsh('pool-undefine', '--pool', pool);
  }
});

test('clones have serial ports of their own, beside a domain that has a TCP port and a socket for its own', async () => {
  const vm = `serial ${process.pid}`;
  const port = await freePort();
  const socket = join(libvirt.folder, 'serial');
  const serial = `<serial type='tcp'><source mode='bind' host='127.0.0.1' service='${port}'/></serial>
    <serial type='unix'><source mode='bind' path='${socket}'/></serial>`;
  const uuid = await libvirt.define({ name: vm, serial });
  await libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'clean', '--disk-only');
  // Now nobody else can have the port; a socket would be taken away from it without a word.
  await libvirt.virsh('start', '--domain', uuid, '--paused');
  const options = { uri: libvirt.uri, vm, clone: 'linked', 'if-running': 'fail' };
  const driven = { driver: libvirtDriver, host: await testHost(), target: targetOf('libvirt', options) };
  const both = await Promise.all([open(driven), open(driven)]);
  await Promise.all(both.map(({ machine }) => machine.start(never)));
  for (const { machine } of both) {
    const live = await libvirt.virsh('dumpxml', '--domain', machine.name);
    expect(live.match(/<serial type='pty'>/g)).toHaveLength(2);
    expect(live).not.toContain(socket);
    await access(machine.consoleLog ?? '');
  }
  await Promise.all(both.map(gone));
  expect(await libvirt.leftovers()).toEqual([]);
});

test('a domain that runs is not touched, and with `if-running: reset` it runs again afterwards', async () => {
  const vm = `busy ${process.pid}`;
  const uuid = await libvirt.define({ name: vm });
  await libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'inside');
  await libvirt.boot(uuid);
  const matrix = (more: string) => `version: 1
targets:
  tiny: { engine: libvirt, vm: ${JSON.stringify(vm)}, snapshot: inside, guest: { channel: agent }${more} }
test: { run: echo in the guest }
`;
  const p = await project({ 'fail.yml': matrix(''), 'reset.yml': matrix(', if-running: reset') });
  const id = await libvirt.virsh('domid', '--domain', uuid);
  const refused = await p.vmtest('run', 'fail.yml');
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.stdout + refused.stderr).toContain('is running, and its cells have to restore it');
  expect(await libvirt.virsh('domid', '--domain', uuid)).toBe(id);
  expect(await p.vmtest('run', 'reset.yml')).toMatchObject({ exitCode: 0 });
  expect(await libvirt.virsh('domstate', '--domain', uuid)).toBe('running');
});

test('a domain whose snapshot cannot be restored in it is not powered off for that', async () => {
  const vm = `external ${process.pid}`;
  const uuid = await withDiskSnapshot(vm);
  await libvirt.boot(uuid);
  const target = agentTarget(vm, ', clone: none, if-running: reset');
  const p = await project({
    'matrix.yml': `version: 1\ntargets:\n  tiny: ${target}\ntest: { run: echo in the guest }\n`,
  });
  const id = await libvirt.virsh('domid', '--domain', uuid);
  const { exitCode, stdout } = await p.vmtest('run', 'matrix.yml');
  const possible = restoresExternal(await libvirt.virsh('capabilities'));
  expect({ exitCode, stdout }).toMatchObject({ exitCode: possible ? 0 : 3 });
  expect(stdout.includes('"clean" is external')).toBe(!possible);
  expect((await libvirt.virsh('domid', '--domain', uuid)) === id).toBe(!possible);
  expect(await libvirt.virsh('domstate', '--domain', uuid)).toBe('running');
});
