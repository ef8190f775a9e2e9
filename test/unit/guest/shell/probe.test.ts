import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseProbe, probeScript } from '../../../../src/guest/shell/probe.ts';
import { runIn, type Shell, shells } from '../../../support/guest-shells.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const TOKEN = 'a1b2c3d4e5f6';

describe.each(shells)('as $name reads it', (shell) => {
  test('makes a private folder and looks around', async () => {
    const temporary = await scratchFolder();
    const facts = probe(shell, { TMPDIR: temporary, HOME: '/nonexistent' });
    expect(facts).toEqual({
      folder: join(temporary, `vmtest-${TOKEN}`),
      leader: expect.stringMatching(/^(setsid |perl .*)$/),
      gzip: true,
    });
    expect((await stat(facts?.folder ?? '')).mode & 0o777).toBe(0o700);
  });

  test('passes over folders that are missing, not writable, or oddly named', async () => {
    const odd = join(await scratchFolder(), "odd 'name");
    await mkdir(odd);
    for (const temporary of [odd, '/nonexistent', '/proc', 'relative', '']) {
      const facts = probe(shell, { TMPDIR: temporary, HOME: '/nonexistent' });
      expect(['/tmp', '/var/tmp']).toContain(dirname(facts?.folder ?? ''));
      expect(basename(facts?.folder ?? '')).toBe(`vmtest-${TOKEN}`);
      await rm(facts?.folder ?? '', { recursive: true });
    }
    expect(await readdir(odd)).toEqual([]);
  });
});

test('knows a process that leads its group already', async () => {
  const temporary = await scratchFolder();
  const { stdout } = spawnSync('sh', ['-c', probeScript(TOKEN)], {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: temporary },
    detached: true,
  } as Parameters<typeof spawnSync>[2] & { encoding: 'utf8' });
  expect(parseProbe(stdout, TOKEN)).toMatchObject({ leader: '' });
});

describe('answers', () => {
  const answer = (folder: string) =>
    `motd\n${TOKEN} folder=${folder}\n${TOKEN} tried=/tmp /root\n${TOKEN} leader=setsid\n${TOKEN} gzip=no\n${TOKEN} end=1\n`;

  test('are found among what start-up files print', () => {
    const output = `Welcome! folder=/evil\n${answer('/tmp/x')}bye`;
    expect(parseProbe(output, TOKEN)).toEqual({ folder: '/tmp/x', leader: 'setsid ', gzip: false });
  });

  test('that are not whole mean that the guest is not ready', () => {
    expect(parseProbe('', TOKEN)).toBeUndefined();
    expect(parseProbe('System is booting up.\n', TOKEN)).toBeUndefined();
    expect(parseProbe(answer('/tmp/x').replace(/\S+ end=1\n$/, ''), TOKEN)).toBeUndefined();
    expect(parseProbe(answer('/tmp/x'), 'another')).toBeUndefined();
  });

  test('without a folder say where one was sought', () => {
    for (const folder of ['', 'tmp/x', "/tmp/'x"]) {
      expect(() => parseProbe(answer(folder), TOKEN)).toThrow(
        expect.objectContaining({
          code: 'GUEST_NO_TEMP_FOLDER',
          hint: expect.stringContaining('/tmp /root'),
        }),
      );
    }
  });
});

function probe(shell: Shell, env: Record<string, string>) {
  const { stdout } = runIn(shell, probeScript(TOKEN), { env: { ...process.env, ...env } });
  return parseProbe(stdout, TOKEN);
}
