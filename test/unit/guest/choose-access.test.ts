import { expect, test } from 'vitest';
import { chooseAccess } from '../../../src/guest/choose-access.ts';

const key = { user: 'root', privateKey: '…' };
const nothing = { user: 'root' };

test('takes all that engine and credentials allow, best first, and says why', () => {
  expect(chooseAccess(['agent', 'ssh'], 'auto', key)).toEqual({
    ways: ['agent', 'ssh'],
    why: 'agent or ssh, whichever answers first.',
  });
  expect(chooseAccess(['agent', 'ssh'], 'auto', nothing)).toEqual({
    ways: ['agent'],
    why: 'agent, the only way in that this target has (no key, password or agent for ssh).',
  });
  expect(chooseAccess(['ssh'], 'auto', { user: 'root', password: 'x' }).ways).toEqual(['ssh']);
  expect(chooseAccess(['ssh'], 'auto', { user: 'root', agentSocket: '/s' }).ways).toEqual(['ssh']);
});

test('takes what is wanted, or refuses', () => {
  expect(chooseAccess(['agent', 'ssh'], 'ssh', nothing)).toEqual({
    ways: ['ssh'],
    why: 'ssh, as the matrix file says.',
  });
  expect(() => chooseAccess(['ssh'], 'agent', key)).toThrow(
    expect.objectContaining({
      code: 'CHANNEL_UNSUPPORTED',
      hint: expect.stringContaining('It offers: ssh.'),
    }),
  );
  expect(() => chooseAccess(['ssh'], 'auto', nothing)).toThrow(
    expect.objectContaining({ code: 'NO_WAY_IN', message: expect.stringContaining('no key') }),
  );
  expect(() => chooseAccess([], 'auto', key)).toThrow(expect.objectContaining({ code: 'NO_WAY_IN' }));
});
