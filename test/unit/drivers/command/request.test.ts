import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { publishedProtocol } from '../../../../drivers/command/protocol.ts';
import { environmentOf, machineSubject, requestFor } from '../../../../drivers/command/request.ts';
import { scriptedEngine, subject } from '../../../support/command-script.ts';
import { targetOf } from '../../../support/targets.ts';

const never = new AbortController().signal;

const target = targetOf(
  'command',
  { with: { 'disk-size': '8.10' } },
  {
    memory: 1024,
    guest: { key: '/k', password: 'hush', passphrase: 'hush', address: '10.0.0.7' },
  },
);
const machine = machineSubject(target, { id: 'abcdefgh', folder: '/state/abcdefgh' }, '/logs');
const stop = requestFor('stop', machine, { graceMs: 1500 });

test('a request is as published, and has no passwords in it', () => {
  const definition = (publishedProtocol() as { definitions: Record<string, object> }).definitions;
  const check = new Ajv({ strictTypes: false }).compile(definition['request'] as object);
  for (const request of [stop, requestFor('probe', subject, {})]) {
    expect({ valid: check(request), errors: check.errors }).toEqual({ valid: true, errors: null });
  }
  expect(stop).toMatchObject({
    protocol: 1,
    verb: 'stop',
    graceMs: 1500,
    machine: { name: 'vmtest-abcdefgh', consoleLog: join('/logs', 'console.log') },
  });
  expect(JSON.stringify(stop)).not.toContain('hush');
});

test('shells find every value in a variable of its own', () => {
  expect(environmentOf(stop)).toEqual({
    VMTEST_REQUEST: JSON.stringify(stop),
    VMTEST_VERB: 'stop',
    VMTEST_TARGET: 't',
    VMTEST_SNAPSHOT: 'clean',
    VMTEST_OS: 'linux',
    VMTEST_CPUS: '1',
    VMTEST_MEMORY: '1024',
    VMTEST_USER: 'root',
    VMTEST_PORT: '22',
    VMTEST_KEY: '/k',
    VMTEST_ADDRESS: '10.0.0.7',
    VMTEST_MACHINE: 'vmtest-abcdefgh',
    VMTEST_LEASE: 'abcdefgh',
    VMTEST_FOLDER: '/state/abcdefgh',
    VMTEST_CONSOLE_LOG: join('/logs', 'console.log'),
    VMTEST_GRACE_MS: '1500',
    VMTEST_WITH_DISK_SIZE: '8.10',
  });
});

test('the program gets both, and the verb', async () => {
  const { engine, folder } = await scriptedEngine(
    'cat >request; echo "$1 $VMTEST_WITH_IMAGE" >words; [ "$(cat request)" = "$VMTEST_REQUEST" ]',
  );
  await engine.call('screenshot', subject, never, { path: '/logs/screen.png' });
  expect(JSON.parse(await readFile(join(folder, 'request'), 'utf8'))).toEqual(
    requestFor('screenshot', subject, { path: '/logs/screen.png' }),
  );
  expect(await readFile(join(folder, 'words'), 'utf8')).toBe('screenshot it\'s "here"\n');
});
