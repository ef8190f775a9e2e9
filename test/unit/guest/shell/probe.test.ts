import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseProbe, probeScript } from '../../../../src/guest/shell/probe.ts';
import { runIn, type Shell, shells } from '../../../support/guest-shells.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const TOKEN = 'a1b2c3d4e5f6';
const sh: Shell = { name: 'sh', argv: ['sh'] };
const has = (program: string) => runIn(sh, `command -v ${program}`).status === 0;

describe.each(shells)('as $name reads it', (shell) => {
  test('makes a private folder and looks around', async () => {
    const temporary = await scratchFolder();
    const facts = probe(shell, { TMPDIR: temporary, HOME: '/nonexistent' });
    expect(facts).toEqual({
      folder: join(temporary, `.vmtest-${TOKEN}`),
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
      expect(basename(facts?.folder ?? '')).toBe(`.vmtest-${TOKEN}`);
      await rm(facts?.folder ?? '', { recursive: true });
    }
    expect(await readdir(odd)).toEqual([]);
  });
});

describe('process groups', () => {
  /** What the guest's `sh` says, with a PATH of nothing but these programs. */
  async function leaderWith(programs: string[], starter: string[] = []): Promise<string | undefined> {
    const bin = await scratchFolder();
    for (const program of ['sh', 'mkdir', 'rm', 'ps', ...programs]) {
      await symlink(runIn(sh, `command -v ${program}`).stdout.trim(), join(bin, program));
    }
    const env = { ...process.env, TMPDIR: await scratchFolder(), PATH: bin };
    const [program = '', ...args] = [...starter, join(bin, 'sh'), '-c', probeScript(TOKEN)];
    return parseProbe(spawnSync(program, args, { encoding: 'utf8', env }).stdout, TOKEN)?.leader;
  }

  test.skipIf(!has('setsid'))('are led already by what OpenSSH starts', async () => {
    const setsid = runIn(sh, 'command -v setsid').stdout.trim();
    expect(await leaderWith([], [setsid, '--wait'])).toBe('');
  });

  test('are made by what there is', async () => {
    if (has('setsid')) expect(await leaderWith(['setsid', 'perl'])).toBe('setsid ');
    expect(await leaderWith(['perl'])).toMatch(/^perl /);
    expect(await leaderWith([])).toBe('');
  });

  test.each(['setsid', 'perl'])('made by %s keep the number of the process', async (program) => {
    if (!has(program)) return;
    const leader = await leaderWith([program]);
    const { stdout } = runIn(sh, `echo $$; exec ${leader}sh -c 'echo $$; ps -o pgid= -p $$'`);
    const [before, after, group] = stdout.split('\n').map((line) => line.trim());
    expect([after, group]).toEqual([before, before]);
  });
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
