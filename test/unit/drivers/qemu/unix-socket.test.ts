import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  connectWhenThere,
  fitsSocketPath,
  LONGEST_SOCKET_PATH,
} from '../../../../drivers/qemu/unix-socket.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const never = new AbortController().signal;

test('the limit of a socket’s path counts bytes', () => {
  expect(fitsSocketPath('/'.padEnd(LONGEST_SOCKET_PATH, 'x'))).toBe(true);
  expect(fitsSocketPath('/'.padEnd(LONGEST_SOCKET_PATH, 'ü'))).toBe(false);
});

describe('connecting to a unix socket', () => {
  test('waits for its server', async () => {
    const path = join(await scratchFolder(), 'late.sock');
    const connecting = connectWhenThere(path, never);
    const server = createServer();
    setTimeout(() => server.listen(path), 60);
    onTestFinished(() => {
      server.close();
    });
    (await connecting).destroy();
  });

  test('gives up when its signal aborts', async () => {
    const path = join(await scratchFolder(), 'never.sock');
    await expect(connectWhenThere(path, AbortSignal.timeout(60))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
