/** The base of all stand-ins: a real guest with the states and snapshots that vendors' machines have. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { installStandIns, type StandIns } from '../../standins/install.ts';
import {
  type Backing,
  createBacking,
  deleteSnapshot,
  guestAgent,
  guestExec,
  isRunning,
  kill,
  linkBacking,
  powerButton,
  readGuestFile,
  restoreSnapshot,
  screendump,
  startBacking,
  takeSnapshot,
  writeGuestFile,
} from '../../standins/machine/backing.ts';
import { readState, withState } from '../../standins/machine/store.ts';

let standIns: StandIns;
let machine: Backing;

beforeAll(async () => {
  standIns = await installStandIns({});
  // These tests call the base in this process, as a stand-in does in its own.
  Object.assign(process.env, standIns.env());
  machine = await createBacking(join(standIns.state, 'm'));
});

async function booted(backing: Backing): Promise<void> {
  for (;;) {
    try {
      await guestAgent(backing, 'guest-ping');
      return;
    } catch (error) {
      if (!(await isRunning(backing))) throw error;
    }
  }
}

async function off(backing: Backing): Promise<void> {
  while (await isRunning(backing)) await delay(100);
}

/** The disk has no file system: a mark is a sector of it. */
async function mark(backing: Backing, text: string): Promise<void> {
  const script = `printf %-512s "$1" | dd of=/dev/vda conv=fsync 2>/dev/null`;
  const { exitCode } = await guestExec(backing, ['sh', '-c', script, 'sh', text]);
  expect(exitCode).toBe(0);
}

async function readMark(backing: Backing): Promise<string> {
  const { stdout } = await guestExec(backing, ['head', '-c', '512', '/dev/vda']);
  return stdout.toString().replaceAll('\0', ' ').trim();
}

it('boots, runs programs and moves files', async () => {
  await startBacking(machine, { address: '127.77.0.1', headless: true });
  await booted(machine);
  const run = await guestExec(machine, ['sh', '-c', 'cat; echo "$A" >&2; exit 7'], {
    env: ['A=b c'],
    input: Buffer.from('in'),
  });
  expect({ ...run, stdout: run.stdout.toString(), stderr: run.stderr.toString() }).toEqual({
    exitCode: 7,
    stdout: 'in',
    stderr: 'b c\n',
  });
  await writeGuestFile(machine, '/tmp/file', Buffer.from([0, 255, 10]));
  expect(await readGuestFile(machine, '/tmp/file')).toEqual(Buffer.from([0, 255, 10]));
  const png = join(standIns.state, 'screen.png');
  await screendump(machine, png);
  expect((await stat(png)).size).toBeGreaterThan(0);
  expect(await standIns.leftovers()).toEqual([machine.folder]);
});

it('brings memory and disk of a live snapshot back', async () => {
  await mark(machine, 'live');
  await writeGuestFile(machine, '/tmp/file', Buffer.from('live'));
  expect(await takeSnapshot(machine, 'a live one')).toEqual({ live: true });
  await writeGuestFile(machine, '/tmp/file', Buffer.from('later'));
  await mark(machine, 'later');
  await kill(machine);
  expect(await isRunning(machine)).toBe(false);

  await restoreSnapshot(machine, 'a live one');
  await startBacking(machine, { headless: true });
  await booted(machine);
  expect(String(await readGuestFile(machine, '/tmp/file'))).toBe('live');
  expect(await readMark(machine)).toBe('live');
});

it('powers off at the button, and brings the disk of an off snapshot back', async () => {
  await powerButton(machine);
  await off(machine);
  expect(await takeSnapshot(machine, 'off')).toEqual({ live: false });
  await startBacking(machine, { headless: true });
  await booted(machine);
  // What lay in memory only is gone: this was a boot.
  expect((await guestExec(machine, ['cat', '/tmp/file'])).exitCode).toBe(1);
  await mark(machine, 'after');
  await kill(machine);
  await restoreSnapshot(machine, 'off');
  await startBacking(machine, { headless: true });
  await booted(machine);
  expect(await readMark(machine)).toBe('live');
});

it('makes linked clones that leave their parent alone and outlive its snapshot', async () => {
  const clone = await linkBacking(join(standIns.state, 'c'), machine, 'off');
  await deleteSnapshot(machine, 'off');
  await startBacking(clone, { headless: true });
  await booted(clone);
  expect(await readMark(clone)).toBe('live');
  await mark(clone, 'clone');
  expect(await readMark(machine)).toBe('live');
  expect((await standIns.leftovers()).sort()).toEqual([clone.folder, machine.folder]);
  await standIns.killLeftovers();
  expect(await standIns.leftovers()).toEqual([]);
});

it('tells why a machine does not come up', async () => {
  await expect(startBacking(machine, { headless: false })).rejects.toThrow(/QEMU did not come up: .*gtk/is);
  expect(await isRunning(machine)).toBe(false);
});

it('keeps a state between processes, and nothing of work that failed', async () => {
  const file = join(standIns.state, 'state.json');
  const count = () =>
    withState<{ count?: number }, void>(file, async (state) => {
      const was = state.count ?? 0;
      await delay(5);
      state.count = was + 1;
    });
  await Promise.all([count(), count(), count()]);
  const failing = withState<{ count?: number }, void>(file, (state) => {
    state.count = 0;
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await readState(file)).toEqual({ count: 3 });
});
