/** VMware Tools by the control, over the stand-in for vmrun: addresses, and a channel of the agent's kind. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { VmContext, VmInfo } from '../../../drivers/vm/control.ts';
import { vmwareControl } from '../../../drivers/vmware/control.ts';
import type { AgentLink, GuestChannel } from '../../../src/guest/channel.ts';
import { connect } from '../../../src/guest/connect.ts';
import { namesIn } from '../../../src/host/names-in.ts';
import { noise } from '../../support/guest-in-qemu.ts';
import { sh } from '../../support/guest-run.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { contextOf, found, PASSWORD, targetFor, type Vmware, vmware } from './support.ts';

let engine: Vmware;
let vm: VmInfo;
const context = () => contextOf(engine, targetFor(vm.id));
const soon = () => AbortSignal.timeout(120_000);

beforeAll(async () => {
  engine = await vmware();
  const vmx = await engine.newVm('debian');
  vm = await found(vmx, contextOf(engine, targetFor(vmx)));
  await vmwareControl.start(vm, context());
});

afterEach(() => engine.setFaults());

async function link(of: VmContext = context(), folder?: string): Promise<AgentLink> {
  const opened = await vmwareControl.agent?.(vm, { ...of, folder: folder ?? (await scratchFolder()) });
  if (!opened) throw new Error('no link');
  return opened;
}

async function channel(): Promise<GuestChannel> {
  const credentials = { user: 'root', password: PASSWORD };
  return connect({ kind: 'agent', link: await link() }, { credentials, os: 'linux' }, soon());
}

describe('a channel', () => {
  test('commands with their outputs and exit codes, and nothing left in the guest or on the host', async () => {
    const opened = await channel();
    expect(await sh(opened, `printf '%s' "it's" >&1; exit 3`)).toMatchObject({ exitCode: 3, stdout: "it's" });
    const long = await sh(opened, 'for i in $(seq 1 60000); do echo "line $i"; done');
    expect(long.stdout.split('\n')).toHaveLength(60_001);
    await opened.close();
    const after = await channel();
    expect((await sh(after, 'ls -d /tmp/vmtest-vmrun-* | wc -l')).stdout.trim()).toBe('1');
    await after.close();
  });

  test('output shows while a command runs', async () => {
    const opened = await channel();
    const beside = await link();
    let seen = '';
    const script = 'echo first; until [ -e /tmp/seen ]; do sleep 0.2; done; echo last';
    const io = {
      onStdout: (chunk: Buffer) => {
        seen += chunk;
        if (seen === 'first\n') void beside.write('/tmp/seen', Buffer.from('x'), { append: false }, soon());
      },
      onStderr: () => {},
    };
    expect(await opened.exec({ script, shell: 'sh', cwd: '.', env: {} }, io, soon())).toEqual({
      exitCode: 0,
    });
    expect(seen).toBe('first\nlast\n');
    await beside.close();
    await opened.close();
  });

  test('a command is ended with everything that it has started', async () => {
    const opened = await channel();
    const abort = new AbortController();
    const script = 'sleep 4711 & echo started; sleep 4711';
    const io = { onStdout: () => abort.abort(new Error('cut')), onStderr: () => {} };
    const running = opened.exec({ script, shell: 'sh', cwd: '.', env: {} }, io, abort.signal);
    await expect(running).rejects.toThrow('cut');
    // Where the host is slow, the command is not waited for to its very end.
    const left = async () => (await sh(opened, 'pgrep -f "sleep 471[1]" || echo none')).stdout.trim();
    await expect.poll(left, { timeout: 60_000 }).toBe('none');
    await opened.close();
  });
});

describe('files', () => {
  test('of any content and size, in pieces or at once', async () => {
    const opened = await link();
    await opened.ping(soon());
    const [one, two] = [noise(300_000, 'one'), noise(5_000_000, 'two')];
    const path = `/tmp/it's "100%" ünï`;
    await opened.write(path, one, { append: false }, soon());
    await opened.write(path, two, { append: true }, soon());
    const whole = Buffer.concat([one, two]);
    const pieces: Buffer[] = [];
    for (let offset = 0; offset < whole.length; offset += 1_500_000) {
      pieces.push(await opened.read(path, offset, 1_500_000, soon()));
    }
    expect(digest(Buffer.concat(pieces))).toBe(digest(whole));
    expect(await opened.read(path, whole.length, 10, soon())).toHaveLength(0);
    await opened.close(true);
  });

  test('one that is not there, and a folder that is not there', async () => {
    const opened = await link();
    await opened.ping(soon());
    await expect(opened.read('/no/such', 0, 10, soon())).rejects.toMatchObject({
      code: 'GUEST_AGENT_REFUSED',
    });
    for (const append of [false, true]) {
      await expect(opened.write('/no/such/file', Buffer.from('x'), { append }, soon())).rejects.toMatchObject(
        {
          code: 'GUEST_AGENT_REFUSED',
        },
      );
    }
    await opened.close();
  });
});

describe('what can go wrong', () => {
  test('Tools that do not run are waited for', async () => {
    engine.setFaults('no-tools');
    const opened = await link();
    await expect(opened.ping(soon())).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST', retryable: true });
    expect(await vmwareControl.address?.(vm, context())).toBeUndefined();
    await opened.close();
  });

  test('a wrong password may be that of a guest that boots, at first', async () => {
    const target = targetFor(vm.id, { guest: { password: 'wr0ng-pass' } });
    const opened = await link(contextOf(engine, target));
    await expect(opened.ping(soon())).rejects.toMatchObject({
      code: 'GUEST_AUTH_FAILED',
      retryable: true,
      message: expect.not.stringContaining('wr0ng-pass'),
      hint: expect.any(String),
    });
    await opened.close();
    const shot = vmwareControl.screenshot?.(vm, join(engine.vms, 's.png'), contextOf(engine, target));
    await expect(shot).rejects.toMatchObject({ code: 'GUEST_AUTH_FAILED', retryable: false });
  });

  test('a guest that ends takes its commands with it', async () => {
    const other = await found(await engine.newVm('short-lived'), context());
    await vmwareControl.start(other, context());
    const opened = await vmwareControl.agent?.(other, { ...context(), folder: await scratchFolder() });
    if (!opened) throw new Error('no link');
    const ping = () =>
      opened.ping(soon()).then(
        () => 'up',
        () => 'not yet',
      );
    await expect.poll(ping, { timeout: 60_000 }).toBe('up');
    const handle = await opened.start(['/bin/sleep', '600'], { capture: true }, soon());
    await engine.vmrun('stop', other.id, 'hard');
    const end = () =>
      opened.poll(handle, soon()).then(
        ({ exited }) => exited,
        (error) => error.code,
      );
    await expect.poll(end, { timeout: 90_000 }).toBe('GUEST_AGENT_LOST');
    await opened.close();
  });
});

describe('the address', () => {
  test('is the one that the Tools tell, and not the texts before it', async () => {
    engine.setFaults('late-address');
    const restarted = await found(await engine.newVm('late'), context());
    await vmwareControl.start(restarted, context());
    const answers = new Set<unknown>();
    const look = async () => {
      const address = await vmwareControl.address?.(restarted, context());
      answers.add(address);
      return address;
    };
    await expect.poll(look, { timeout: 60_000 }).toMatch(/^127\./);
    expect(answers.size).toBe(2);
    expect((await engine.vmrun('getGuestIPAddress', restarted.id, '-wait')).trim()).toMatch(/^127\./);
    await vmwareControl.powerOff(restarted, context());
  });

  test('may never be known', async () => {
    engine.setFaults('no-address');
    for (let round = 0; round < 3; round += 1) {
      expect(await vmwareControl.address?.(vm, context())).toBeUndefined();
    }
  });
});

test('nothing of a link stays on the host', async () => {
  const folder = await scratchFolder();
  const opened = await link(context(), folder);
  expect(await namesIn(folder)).toHaveLength(1);
  await opened.close();
  await opened.close();
  expect(await namesIn(folder)).toEqual([]);
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
