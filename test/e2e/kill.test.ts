/** A run that is killed in any phase leaves nothing that `vmtest clean` does not take away. */
import { readdir } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyGuest } from '../support/guests.ts';
import { engineProcesses } from '../support/processes.ts';
import { type Project, project } from '../support/project.ts';

let tiny: string;
beforeAll(async () => {
  tiny = (await tinyGuest()).folder;
});

/** A cache of its own: what a killed template build leaves must be seen. */
function slowProject(): Promise<Project> {
  return project({
    'matrix.yml': `version: 1
targets:
  box:
    engine: qemu
    kernel: ${tiny}/vmlinuz
    initrd: ${tiny}/initrd
    append: console=ttyS0 quiet
    memory: 128M
    guest: { user: root, key: ${tiny}/id_ed25519, channel: agent }
test:
  upload: { from: ., to: work }
  setup: sleep 0.3
  run: sleep 0.3; echo done > out
  artifacts: [out]
`,
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).sort();
}

/** All that may stay: finished templates, history, locks that nobody holds. */
async function leftovers(p: Project): Promise<string[]> {
  const state = (await filesBelow(p.stateFolder)).filter((path) => /^(leases|machines)\/./.test(path));
  const cache = (await filesBelow(p.cacheFolder)).filter((path) => /tmp|partial|building/.test(path));
  return [
    ...state,
    ...cache,
    ...(await engineProcesses(p.stateFolder)),
    ...(await engineProcesses(p.cacheFolder)),
  ];
}

describe('kill -9, then clean', () => {
  test('while the template is made', async () => {
    const p = await slowProject();
    const run = p.start('run', '-v');
    await run.says(/making the clean state/);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    run.kill('SIGKILL');
    await run.ended;
    expect(await leftovers(p)).not.toEqual([]);
    expect((await p.vmtest('clean')).exitCode).toBe(0);
    expect(await leftovers(p)).toEqual([]);
  });

  test('in every phase of a cell', async () => {
    const p = await slowProject();
    expect((await p.vmtest('run')).exitCode).toBe(0);
    expect(await leftovers(p)).toEqual([]);
    for (const phase of ['restore', 'boot', 'connect', 'upload', 'setup', 'run', 'collect', 'release']) {
      const run = p.start('run', '-v');
      await run.says(new RegExp(`phase ${phase}`));
      run.kill('SIGKILL');
      await run.ended;
      const { exitCode, stdout } = await p.vmtest('clean');
      expect({ phase, exitCode, stdout }).toMatchObject({ exitCode: 0 });
      expect({ phase, left: await leftovers(p) }).toEqual({ phase, left: [] });
    }
  });

  test('the next run repairs it too, and says so', async () => {
    const p = await slowProject();
    const run = p.start('run', '-v');
    await run.says(/phase run/);
    run.kill('SIGKILL');
    await run.ended;
    const { exitCode, stdout } = await p.vmtest('run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('left by a dead run');
    expect(await leftovers(p)).toEqual([]);
  });

  test('Ctrl-C needs no cleaning', async () => {
    const p = await slowProject();
    for (const phase of ['restore', 'connect', 'run']) {
      const run = p.start('run', '-v');
      await run.says(new RegExp(`phase ${phase}`));
      run.kill('SIGINT');
      expect((await run.ended).exitCode).toBe(130);
      expect({ phase, left: await leftovers(p) }).toEqual({ phase, left: [] });
    }
  });
});
