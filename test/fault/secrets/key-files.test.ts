/** Key files that others can read, and that nobody can. */
import { chmod, copyFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { tinyGuest } from '../../support/guests.ts';
import { type Project, project, SHARED_CACHE } from '../../support/project.ts';

let guest: Awaited<ReturnType<typeof tinyGuest>>;
beforeAll(async () => {
  guest = await tinyGuest();
});

function withKey(channel = 'auto'): Promise<Project> {
  return project(
    {
      'matrix.yml': `version: 1
targets: { box: { engine: qemu, image: ${guest.image}, memory: 128M, guest: { user: root, key: my key, channel: ${channel} } } }
test: { run: 'true' }
`,
    },
    SHARED_CACHE,
  );
}

test.each([
  ['0600', 0o600, false],
  ['0400', 0o400, false],
  ['0640', 0o640, true],
  ['0644', 0o644, true],
])('a key with the mode %s is used; others’ rights are told, by doctor too', async (_, mode, isTold) => {
  const p = await withKey('ssh');
  await copyFile(guest.key, p.path('my key'));
  await chmod(p.path('my key'), mode);
  const { exitCode, stdout } = await p.vmtest('run', '-r', 'plain');
  expect(exitCode).toBe(0);
  const doctor = await p.vmtest('doctor', 'matrix.yml');
  for (const said of [stdout, doctor.stdout]) {
    expect(said.includes(`has the mode ${mode.toString(8)}`)).toBe(isTold);
    expect(said.includes(`chmod 600 '${p.path('my key')}'`)).toBe(isTold);
  }
});

test('a key that is not there is told before anything starts', async () => {
  const p = await withKey();
  const { exitCode } = await p.vmtest('run', '-r', 'json', '-r', 'events');
  expect(exitCode).toBe(3);
  const [cell] = (await p.results()).cells;
  expect(cell?.error).toMatchObject({
    code: 'GUEST_KEY_UNREADABLE',
    message: `the key ${p.path('my key')} cannot be read`,
    hint: expect.stringContaining('guest.key'),
  });
  expect(await p.read('vmtest-results', 'events.ndjson')).not.toContain('restore');
});

test('a key that no way in needs may be missing', async () => {
  const p = await withKey('agent');
  expect((await p.vmtest('run')).exitCode).toBe(0);
});
