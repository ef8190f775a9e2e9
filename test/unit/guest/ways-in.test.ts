import { expect, test } from 'vitest';
import { consoleCommand, sshCommand } from '../../../src/guest/ways-in.ts';

test('the commands are fit for a shell, whatever the paths', () => {
  const anyHost = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null';
  expect(sshCommand({ user: 'root', key: undefined, port: 2222 })).toBe(
    `ssh -p 2222 ${anyHost} root@127.0.0.1`,
  );
  expect(sshCommand({ user: 'me', key: "/it's/a key", port: 2222 })).toBe(
    `ssh -p 2222 -i '/it'\\''s/a key' ${anyHost} me@127.0.0.1`,
  );
  expect(consoleCommand('/run/a b')).toBe(
    "socat -,raw,echo=0,escape=0x1d 'unix-connect:/run/a b' (leave with Ctrl-])",
  );
});
