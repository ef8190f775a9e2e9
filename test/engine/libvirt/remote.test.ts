/** A libvirt of another host, by SSH: whatever the driver reads or writes there, it has to ask libvirt for. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyGuest } from '../../support/guests.ts';
import { type LibvirtHost, libvirtHost } from '../../support/libvirt-host.ts';
import { type Project, project } from '../../support/project.ts';

const VM = 'far away';

let keys: string;
let host: LibvirtHost;
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'vmt-'));
  host = await libvirtHost(keys);
  const uuid = await host.libvirt.define({ name: VM });
  await host.libvirt.virsh('snapshot-create-as', '--domain', uuid, '--name', 'clean', '--disk-only');
});
afterAll(async () => {
  await host?.end();
  await rm(keys, { recursive: true, force: true });
});

/** @param given parameters of the connection, besides the key. */
function uri(transport: string, given: Record<string, string>): string {
  const parameters = new URLSearchParams({ keyfile: host.key, ...given });
  return `qemu+${transport}://root@${host.address}/system?${parameters}`;
}

async function matrix(through: string, channels: readonly string[], test: string): Promise<Project> {
  const { key } = await tinyGuest();
  const targets = channels.map(
    (channel) =>
      `  ${channel}: ${JSON.stringify({ engine: 'libvirt', uri: through, vm: VM, snapshot: 'clean', guest: { user: 'root', key, channel } })}`,
  );
  return project({ 'matrix.yml': `version: 1\ntargets:\n${targets.join('\n')}\ntest:\n${test}` });
}

test('two cells at once: by SSH through that host, and by the agent', async () => {
  const p = await matrix(
    uri('ssh', { command: host.ssh }),
    ['ssh', 'agent'],
    `  upload: { from: ., to: work }
  run: test ! -e /root/mark && touch /root/mark && cp matrix.yml came.txt && exit 7
  artifacts: [came.txt]
`,
  );
  const ended = await p.vmtest('run', 'matrix.yml');
  expect(ended, ended.stderr).toMatchObject({ exitCode: 1 });
  for (const { target, outcome } of (await p.results()).cells) {
    const cell = join('vmtest-results', 'cells', target);
    expect(outcome, target).toBe('failed');
    expect(await p.read(cell, 'artifacts', 'came.txt'), target).toBe(await p.read('matrix.yml'));
    expect(await p.read(cell, 'console.log'), target).toContain('tiny: ready');
    const picture = await readFile(p.path(cell, 'screen.png'));
    expect(picture.subarray(1, 4).toString(), target).toBe('PNG');
  }
  expect(await host.libvirt.leftovers()).toEqual([]);
});

test('what a killed run has left there is found and taken away', async () => {
  const p = await matrix(uri('ssh', { command: host.ssh }), ['agent'], '  run: "true"\n');
  const running = p.start('run', 'matrix.yml', '--verbose');
  await running.says(/agent: attempt 1, phase connect/);
  expect(await host.libvirt.leftovers()).toHaveLength(4);
  running.kill('SIGKILL');
  await running.ended;
  const swept = await p.vmtest('clean');
  expect(swept).toMatchObject({ exitCode: 0 });
  expect(swept.stdout).toContain('libvirt clone vmtest-');
  expect(await host.libvirt.leftovers()).toEqual([]);
});

test('the key of the host is checked: a wrong one is an error that names it', async () => {
  const asked = { known_hosts: host.known, sshauth: 'privkey' };
  const knows = await matrix(uri('libssh', asked), ['agent'], '  run: "true"\n');
  const found = await knows.vmtest('doctor', 'matrix.yml');
  expect(found, found.stdout + found.stderr).toMatchObject({ exitCode: 0 });

  const knowsNot = await matrix(
    uri('libssh', { ...asked, known_hosts: '/dev/null' }),
    ['agent'],
    '  run: "true"\n',
  );
  const refused = await knowsNot.vmtest('doctor', 'matrix.yml');
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain('was not accepted');
});
