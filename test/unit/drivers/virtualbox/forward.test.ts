import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import {
  forwardOptions,
  freePort,
  portTaken,
  saysPortTaken,
} from '../../../../drivers/virtualbox/forward.ts';

const nic = { slot: 2, kind: 'nat', mac: '', rules: ['ssh'] };

it('adds our rule to the adapter, in place of one of before', () => {
  const rule = 'vmtest-ssh,tcp,127.0.0.1,2222,,22';
  expect(forwardOptions(nic, 2222, 22)).toEqual(['--natpf2', rule]);
  expect(forwardOptions({ ...nic, rules: ['ssh', 'vmtest-ssh'] }, 2222, 22)).toEqual([
    '--natpf2',
    'delete',
    'vmtest-ssh',
    '--natpf2',
    rule,
  ]);
});

it('finds a port that can be listened on', async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  server.close();
  expect(port).toBeGreaterThan(1023);
});

it('reads in the log that a port was taken, in old words and new', () => {
  const old = '00:00:01.5 NAT: failed to redirect TCP 127.0.0.1:62405 -> 0.0.0.0:22';
  const now =
    'NAT#0: Port forward modify FAIL! Details: fRemove=0, fUdp=0, pszHostIp=127.0.0.1, u16HostPort=62405, pszGuestIp=10.0.2.15, u16GuestPort=22';
  for (const log of [old, now]) {
    expect(saysPortTaken(`x\n${log}\ny`, 62405)).toBe(true);
    expect(saysPortTaken(log, 6240)).toBe(false);
    expect(saysPortTaken(log, 22)).toBe(false);
  }
  expect(portTaken(1).retryable).toBe(true);
});
