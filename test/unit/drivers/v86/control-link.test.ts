import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ControlLink } from '../../../../drivers/v86/control-link.ts';
import { VmtestError } from '../../../../src/host/errors.ts';
import { OneConnection } from '../../../../src/host/one-connection.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const never = new AbortController().signal;

async function linked(): Promise<{ link: ControlLink; machine: Socket }> {
  const path = join(await scratchFolder(), 'control.sock');
  const control = await OneConnection.listen(path);
  const machine = connect(path).on('error', () => {});
  const socket = await control.accept(never);
  onTestFinished(() => {
    machine.destroy();
    socket.destroy();
    control.close();
  });
  return { link: new ControlLink(socket, async () => new VmtestError('V86_GONE', 'gone')), machine };
}

test('answers what the machine’s process says', async () => {
  const { link, machine } = await linked();
  const port = link.request('port', {}, never);
  machine.write('{"id":1,"answer":{"port":4711}}\n');
  expect(await port).toEqual({ port: 4711 });
});

test.each([
  'noise',
  'null',
  '42',
  '[]',
  '{"event":"lunch"}',
  '{"id":1}',
  '{"id":1,"answer":null}',
  '{"id":1,"answer":{"port":"many"}}',
  '{"id":1,"error":null}',
  '{"id":1,"error":7}',
])('what makes no sense ends the connection, and is told: %s', async (line) => {
  const { link, machine } = await linked();
  const port = link.request('port', {}, never);
  machine.write(`${line}\n`);
  const error = { code: 'V86_GARBAGE', message: expect.stringContaining(JSON.stringify(line)) };
  await expect(port).rejects.toMatchObject(error);
  await expect(link.ready).rejects.toMatchObject(error);
  await expect(link.request('start', {}, never)).rejects.toMatchObject(error);
});

test.each([
  ['start', 60],
  ['save', 600],
] as const)('an answer to %s that never comes is waited for %i s', async (name, seconds) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { link } = await linked();
  const answer = link.request(name, { state: 's', disk: 'd' }, never);
  vi.advanceTimersByTime(seconds * 1000 - 1);
  expect(await Promise.race([answer, 'waits'])).toBe('waits');
  vi.advanceTimersByTime(1);
  await expect(answer).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: `the answer to "${name}" of the machine's process took longer than ${seconds} s`,
  });
});

test('a machine that dies while it is loaded says why', async () => {
  const { link, machine } = await linked();
  machine.write('{"event":"dead","why":"the disk went away"}\n');
  await expect(link.ready).rejects.toMatchObject({
    code: 'V86_START_FAILED',
    message: 'starting the machine failed: the disk went away',
  });
  expect(await link.dead).toBe('the disk went away');
});

test('an answer that comes too late for anybody is none of its business', async () => {
  const { link, machine } = await linked();
  machine.write('{"id":7,"answer":null}\n{"event":"ready"}\n');
  await link.ready;
});

test('half a line is no garbage: its process was killed while it wrote', async () => {
  const { link, machine } = await linked();
  const port = link.request('port', {}, never);
  machine.end('{"id":1,"ans');
  await expect(port).rejects.toMatchObject({ code: 'V86_GONE' });
});
