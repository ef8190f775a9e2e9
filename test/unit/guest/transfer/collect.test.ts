import { mkdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GuestChannel } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { type CollectRequest, collect } from '../../../../src/guest/transfer/collect.ts';
import { parseGlobs } from '../../../../src/guest/transfer/globs.ts';
import { PASSWORD, startSshServer } from '../../../support/guest-ssh-server.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const never = new AbortController().signal;

/** A guest with files in `work`. */
async function guest(
  files: Record<string, string>,
): Promise<{ channel: GuestChannel; work: string; lists: string[] }> {
  const home = await scratchFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, 'work', path)), { recursive: true });
    await writeFile(join(home, 'work', path), text);
  }
  const { port } = await startSshServer({ home, env: { TMPDIR: home } });
  const channel = await connect(
    { kind: 'ssh', host: '127.0.0.1', port },
    { credentials: { user: 'tester', password: PASSWORD }, os: 'linux' },
    never,
  );
  onTestFinished(() => channel.close());
  const lists: string[] = [];
  const list = channel.list.bind(channel);
  channel.list = (folder, signal) => {
    lists.push(folder);
    return list(folder, signal);
  };
  return { channel, work: join(home, 'work'), lists };
}

async function collected(channel: GuestChannel, globs: string[], over: Partial<CollectRequest> = {}) {
  const into = join(await scratchFolder(), 'out');
  return { ...(await collect({ channel, folder: 'work', globs, into, signal: never, ...over })), into };
}

test('brings the files that match, and no others', async () => {
  const { channel } = await guest({
    'reports/unit/a.xml': 'A',
    'reports/e2e/b.xml': 'B',
    'reports/e2e/b.html': '',
    'reports/.cache/c.xml': '',
    'junit.xml': 'J',
    'logs/[1].log': 'L',
    'other/d.xml': '',
  });
  const { files, refused, notes, into } = await collected(channel, [
    './reports/**/*.xml',
    'junit.xml',
    'missing.xml',
    'logs/',
    '!reports/e2e/**',
  ]);
  expect({ files, refused, notes }).toEqual({
    files: ['junit.xml', 'logs/[1].log', 'reports/unit/a.xml'],
    refused: [],
    notes: [],
  });
  expect(await readFile(join(into, 'reports/unit/a.xml'), 'utf8')).toBe('A');
  const braces = await collected(channel, ['reports/{unit,.cache}/?.xml'], { dot: true });
  expect(braces.files).toEqual(['reports/.cache/c.xml', 'reports/unit/a.xml']);
});

test('searches only where matches can be, and not at all for plain names', async () => {
  const { channel, lists } = await guest({ 'reports/a/x.xml': '', 'reports/b/y.xml': '', 'junit.xml': '' });
  await collected(channel, ['reports/a/*.xml', 'reports/**/y.xml', 'logs/*.log', 'junit.xml']);
  expect(lists).toEqual(['work/reports', 'work/logs']);
  lists.length = 0;
  expect((await collected(channel, ['junit.xml'])).files).toEqual(['junit.xml']);
  expect(lists).toEqual([]);
  await collected(channel, ['*.xml', 'reports/*']);
  expect(lists).toEqual(['work']);
});

test('has nothing to bring from a folder that is missing, or without a match', async () => {
  const { channel } = await guest({});
  expect(await collected(channel, ['**/*.xml', 'junit.xml'])).toMatchObject({
    files: [],
    refused: [],
    notes: [],
  });
});

test('tells what it does not bring', async () => {
  const { channel, work } = await guest({
    'ok.log': 'ok',
    'new\nline.log': '',
    'back\\slash.log': '',
    'nul.log': '',
    'a.log': '',
    'A.log': '',
  });
  await symlink('/etc/passwd', join(work, 'link.log'));
  const { files, refused, notes } = await collected(channel, ['*.log']);
  expect(files).toEqual(['A.log', 'ok.log']);
  expect(refused).toEqual([
    { path: 'back\\slash.log', reason: 'its name holds a backslash' },
    { path: 'new\nline.log', reason: 'its name holds control characters' },
    { path: 'nul.log', reason: 'its name is reserved on Windows' },
    { path: 'a.log', reason: 'only case tells it from A.log' },
  ]);
  expect(notes).toContain('"new\\nline.log" was not taken from the guest: its name holds control characters');
});

test('tells of limits and of files that vanished on the way', async () => {
  const { channel, work } = await guest({ 'a.log': 'a', 'b.log': 'bb', 'c.log': 'c' });
  const limits = { files: 2, fileBytes: 1, totalBytes: 10 };
  expect(await collected(channel, ['*.log'], { limits })).toMatchObject({
    files: ['a.log', 'c.log'],
    notes: ['"b.log" was not taken from the guest: its 2 bytes are over the limit of 1'],
  });
  const download = channel.download.bind(channel);
  channel.download = async (...args) => {
    await unlink(join(work, 'a.log'));
    return download(...args);
  };
  expect(await collected(channel, ['*.log'])).toMatchObject({
    files: ['b.log', 'c.log'],
    notes: ['1 files are missing, such as "a.log": the guest could not read them, or they vanished'],
  });
});

describe('globs', () => {
  test('do not end in a backslash, which some matchers never get over', () => {
    for (const glob of ['a\\', '*\\\\\\', '!b\\']) {
      expect(() => parseGlobs([glob], false)).toThrow(expect.objectContaining({ code: 'GLOB_UNSUPPORTED' }));
    }
  });

  test('stay in the working folder', () => {
    for (const glob of ['/etc/*', '../x', 'a/../../b', '', './', '!/x']) {
      expect(() => parseGlobs([glob], false)).toThrow(expect.objectContaining({ code: 'GLOB_UNSUPPORTED' }));
    }
  });

  test('with escaped wildcards mean the plain characters', () => {
    const { matches, literals, bases } = parseGlobs(['logs/a\\*b.log', 'x/\\[1\\]/*.xml'], false);
    expect([matches('logs/a*b.log'), matches('logs/aXb.log'), matches('x/[1]/y.xml')]).toEqual([
      true,
      false,
      true,
    ]);
    expect({ literals, bases }).toEqual({ literals: [], bases: [''] });
  });
});
