import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { liveness, ownIdentity, readTag, tagOf } from '../../../src/host/process-identity.ts';
import { endedProcessId } from '../../support/processes.ts';

const own = ownIdentity();
const [host = '', boot = '', namespace = ''] = own.boot.split('|');

/** Judged by the whole identity, and by what fits into a file's name. */
function judged(identity: Parameters<typeof liveness>[0]) {
  const whole = liveness(identity);
  expect(readTag(tagOf(identity))).toEqual({ pid: identity.pid, liveness: whole });
  return whole;
}

describe('a process', () => {
  test('is alive when all is the same', () => {
    expect(judged(own)).toBe('alive');
  });

  test('is dead when its id is gone', async () => {
    expect(judged({ ...own, pid: await endedProcessId(), start: '1' })).toBe('dead');
  });

  test('is dead when the same host has been started again, though its id and start are there', () => {
    expect(judged({ ...own, boot: [host, `${boot}-before`, namespace].join('|') })).toBe('dead');
  });

  test('is foreign on another host, and in another pid namespace', () => {
    expect(judged({ ...own, boot: ['elsewhere', `${boot}-other`, namespace].join('|') })).toBe('foreign');
    expect(judged({ ...own, boot: [host, boot, `${namespace}-other`].join('|') })).toBe('foreign');
  });

  test.runIf(process.platform === 'linux')('is dead when its id was used again', () => {
    expect(judged({ ...own, start: '1' })).toBe('dead');
  });

  test.runIf(process.platform === 'linux')('stays itself when its host is given another name', () => {
    expect(judged({ ...own, boot: ['renamed', boot, namespace].join('|') })).toBe('alive');
  });
});

test('no other text is a tag', () => {
  const tag = tagOf(own);
  for (let length = 0; length < tag.length; length += 1)
    expect(readTag(tag.slice(0, length))).toBeUndefined();
  expect(readTag(tag.replace(/^\d+/, '0'))).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => readTag(text) === undefined));
});
