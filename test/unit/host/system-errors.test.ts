import { expect, test } from 'vitest';
import { toVmtestError } from '../../../src/host/errors.ts';

function thrown(more: object): Error {
  return Object.assign(new Error('as Node says it'), more);
}

test.each([
  ['ENOSPC', 'DISK_FULL', 'the disk is full', false],
  ['EDQUOT', 'DISK_FULL', 'the disk quota is used up', false],
  ['EROFS', 'NOT_ALLOWED', 'the file system is read-only', false],
  ['EACCES', 'NOT_ALLOWED', 'not allowed', false],
  ['EPERM', 'NOT_ALLOWED', 'not allowed', false],
  ['EMFILE', 'TOO_MANY_FILES', 'too many files are open', true],
  ['ENFILE', 'TOO_MANY_FILES', 'too many files are open on this host', true],
  ['ENOMEM', 'NO_MEMORY', 'this host has not enough free memory', true],
  ['EAGAIN', 'TOO_MANY_PROCESSES', 'there are too many processes', true],
  ['EADDRINUSE', 'NO_PORT', 'no port of this host is free for it', true],
])('%s is a refusal with a way out', (errno, code, words, retryable) => {
  expect(toVmtestError(thrown({ code: errno, path: '/a' }))).toMatchObject({
    code,
    retryable,
    message: `/a: ${words} (${errno})`,
    hint: expect.stringMatching(/\w/),
    details: undefined,
  });
});

test.each([
  [{ path: '/from', dest: '/to', syscall: 'copyfile' }, '/to: the disk is full (ENOSPC)'],
  [{ path: '/a', syscall: 'open' }, '/a: the disk is full (ENOSPC)'],
  [{ syscall: 'write' }, 'write: the disk is full (ENOSPC)'],
  [{}, 'the disk is full (ENOSPC)'],
])('what was asked for is named: %j', (known, message) => {
  expect(toVmtestError(thrown({ code: 'ENOSPC', ...known })).message).toBe(message);
});

test.each([[{ code: 'ENOENT' }], [{ code: 'ECONNRESET' }], [{ code: 'toString' }], [{ code: 28 }], [{}]])(
  '%j is none',
  (more) => {
    expect(toVmtestError(thrown(more))).toMatchObject({ code: 'INTERNAL', message: 'as Node says it' });
  },
);
