/** The built command line on real guests: what a user of the QEMU engine gets. */
import { chmod, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyGuest } from '../support/guests.ts';
import { engineProcesses } from '../support/processes.ts';
import { project, SHARED_CACHE } from '../support/project.ts';

let tiny: string;
beforeAll(async () => {
  tiny = (await tinyGuest()).folder;
});

const target = (more = '', guest = '') =>
  `{ engine: qemu, kernel: ${tiny}/vmlinuz, initrd: ${tiny}/initrd, append: console=ttyS0 quiet, memory: 128M${more}, guest: { user: root, key: ${tiny}/id_ed25519${guest} } }`;

describe('a matrix of real machines', () => {
  test('uploads, runs, collects and reports, by agent and by ssh, each cell clean', async () => {
    const p = await project(
      {
        'matrix.yml': `version: 1
targets:
  by-agent: ${target('', ', channel: agent')}
  by-ssh: ${target('', ', channel: ssh')}
matrix: { target: [by-agent, by-ssh], word: ['plain', "it's \\"odd\\" $HOME \\n ü"] }
test:
  upload: { from: tree, to: work, exclude: ['*.skip'] }
  setup: mkdir -p reports logs; echo prepared > logs/setup.log
  run: |
    echo "to stdout"; echo "to stderr" >&2
    test ! -e /root/mark; touch /root/mark
    test -x tool.sh; test ! -e left.skip
    printf '%s' "$VMTEST_WORD" > logs/word
    date +%s > logs/time
    printf '<testsuite name="s"><testcase name="t"><system-out>%s</system-out></testcase></testsuite>' "$VMTEST_TARGET" > reports/r.xml
  results: ['reports/*.xml']
  artifacts: ['logs/**']
`,
        'tree/tool.sh': '#!/bin/sh\n',
        'tree/left.skip': '',
        'tree/reports/r.xml': '<testsuite name="stale"><testcase name="old"/></testsuite>',
      },
      SHARED_CACHE,
    );
    await chmod(p.path('tree/tool.sh'), 0o755);
    const { exitCode, stdout, stderr } = await p.vmtest('run');
    expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });

    const { cells } = await p.results();
    expect(cells).toHaveLength(4);
    for (const cell of cells) {
      expect(cell).toMatchObject({ outcome: 'passed', tests: { total: 1, passed: 1 } });
      expect(cell.suites[0]?.cases[0]).toMatchObject({ name: 't', stdout: `${cell.target}\n` });
      expect(Object.keys(cell.timings)).toEqual(
        expect.arrayContaining([
          'restore',
          'boot',
          'connect',
          'upload',
          'setup',
          'run',
          'collect',
          'release',
        ]),
      );
      const folder = p.path('vmtest-results', 'cells', cell.slug);
      expect(await readFile(`${folder}/artifacts/logs/word`, 'utf8')).toBe(cell.values['word']);
      expect(await readFile(`${folder}/artifacts/logs/setup.log`, 'utf8')).toBe('prepared\n');
      // The clock of the clean state stood still: it must be the host's again.
      const guestTime = Number(await readFile(`${folder}/artifacts/logs/time`, 'utf8'));
      expect(Math.abs(guestTime - Date.now() / 1000)).toBeLessThan(300);
      const output = await readFile(`${folder}/output.log`, 'utf8');
      expect(output).toContain('to stdout\n');
      expect(output).toContain('to stderr\n');
    }
    expect(await engineProcesses(p.stateFolder)).toEqual([]);
  });

  test('a failing command, a lost machine and a wrong key are told apart', async () => {
    const p = await project(
      {
        'matrix.yml': `version: 1
targets:
  fails: ${target('', ', channel: agent')}
  powers-off: ${target('', ', channel: agent')}
  no-login: ${target('', ', channel: ssh').replace('id_ed25519', 'ssh_host_ed25519.pub')}
matrix: { target: [fails, powers-off, no-login] }
retries: { error: 0 }
test:
  run: { default: 'if [ "$VMTEST_TARGET" = powers-off ]; then poweroff -f; sleep 60; fi; echo oops; exit 9' }
`,
      },
      SHARED_CACHE,
    );
    expect((await p.vmtest('run')).exitCode).toBe(1);
    const [fails, powersOff, noLogin] = (await p.results()).cells;
    expect(fails).toMatchObject({ outcome: 'failed', attempts: [{ exitCode: 9 }] });
    expect(powersOff).toMatchObject({ outcome: 'error', phase: 'run' });
    expect(noLogin?.outcome).toBe('error');
    expect(noLogin?.error?.hint).toBeTruthy();
  });

  test('keeps a failed machine when asked, says how to get in, and clean takes it away', async () => {
    const p = await project(
      {
        'matrix.yml': `version: 1
targets: { box: ${target('', ', channel: agent')} }
test: { run: 'false' }
`,
      },
      SHARED_CACHE,
    );
    expect((await p.vmtest('run', '--keep', 'on-failure')).exitCode).toBe(1);
    const [cell] = (await p.results()).cells;
    expect(cell?.notes.join('\n')).toMatch(/kept running: .*ssh/);
    expect(await engineProcesses(p.stateFolder)).toHaveLength(1);
    const { stdout } = await p.vmtest('clean');
    expect(stdout).toContain('took away qemu machine');
    expect(await engineProcesses(p.stateFolder)).toEqual([]);
    expect(await p.vmtest('clean')).toMatchObject({ stdout: 'nothing to clean\n' });
  });
});
