/** The driver's own part, over programs that only write down what they were asked. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandDriver } from '../../../../drivers/command/driver.ts';
import type { BaseTarget } from '../../../../matrix/model.ts';
import type { Host, Lease } from '../../../../src/host/host.ts';
import { scriptedEngine } from '../../../support/command-script.ts';
import { targetOf } from '../../../support/targets.ts';

const never = new AbortController().signal;

interface Scripted {
  host: Host;
  target: BaseTarget;
  folder: string;
  /** The verbs that were asked. */
  asked(): Promise<string[]>;
}

/** @param script what else the program does for a verb, which is `$1`. */
async function scripted(script: string, probe: object = { verbs: ['address'] }): Promise<Scripted> {
  const { host, folder } = await scriptedEngine('');
  const program = [
    'sh',
    '-c',
    `echo $1 >>asked; case $1 in probe) echo '${JSON.stringify(probe)}' ;; esac; ${script}`,
    'engine',
  ];
  const options = { program, folder, with: { image: 'a', 'api-token': 'hush' } };
  const asked = async () =>
    (await readFile(join(folder, 'asked'), 'utf8').catch(() => '')).trim().split('\n');
  return { host, folder, target: targetOf('command', options, { memory: 1024 }), asked };
}

async function lease(host: Host): Promise<Lease> {
  return host.leases.begin({ run: 'r', engine: 'command', target: 't', cell: 'c', attempt: 1 });
}

async function opened({ host, target, folder }: Scripted, signal = never) {
  const own = await lease(host);
  const machine = await commandDriver.open(target, { host, lease: own, logs: join(folder, 'logs'), signal });
  return { machine, lease: own };
}

describe('check', () => {
  test('takes over what the program says', async () => {
    const { host, target } = await scripted('', {
      verbs: ['exec', 'address'],
      demand: { cpus: 0, memory: 0 },
      exclusive: 'licence',
      slowdown: 3,
      cleanState: 'cloud image',
      notes: ['cloud 7'],
    });
    expect(await commandDriver.check(target, { host, signal: never })).toEqual({
      problems: [],
      demand: { cpus: 0, memory: 0 },
      exclusive: 'command:licence',
      cleanState: 'cloud image',
      needsPrepare: false,
      access: ['ssh', 'agent'],
      slowdown: 3,
      notes: ['cloud 7'],
    });
  });

  test('else the target says it', async () => {
    const { host, target } = await scripted('');
    expect(await commandDriver.check(target, { host, signal: never })).toMatchObject({
      demand: { cpus: 1, memory: 1024 },
      exclusive: null,
      access: ['ssh'],
      slowdown: 1,
    });
  });

  test('single commands need no probe, and a fixed address no verb', async () => {
    const { host, folder } = await scripted('');
    const commands = { restore: ['true'], start: ['true'], release: ['true'] };
    const target = targetOf('command', { commands, folder, with: {} }, { guest: { address: '10.0.0.7' } });
    expect(await commandDriver.check(target, { host, signal: never })).toMatchObject({
      problems: [],
      access: ['ssh'],
    });
  });
});

describe('a machine', () => {
  test('is restored, started, found, stopped and released, each once', async () => {
    const engine = await scripted(
      `case $1 in address) if [ -e known ]; then echo '{"host":"10.0.0.9"}'; fi; : >known ;; esac`,
      { verbs: ['address', 'stop'] },
    );
    const { machine } = await opened(engine);
    await machine.start(never);
    expect(await machine.access('ssh', never)).toEqual({ kind: 'ssh', host: '10.0.0.9', port: 22 });
    await expect(machine.access('agent', never)).rejects.toMatchObject({ code: 'CHANNEL_UNSUPPORTED' });
    await expect(machine.screenshot('/x.png', never)).rejects.toMatchObject({ code: 'COMMAND_VERB_MISSING' });
    await machine.stop(0);
    await machine.release();
    await machine.release();
    const verbs = ['probe', 'restore', 'start', 'address', 'address', 'stop', 'release'];
    expect(await engine.asked()).toEqual(verbs);
  });

  test('that is kept is neither stopped nor released, and says how to get in', async () => {
    const engine = await scripted(
      `case $1 in start) echo '{"waysIn":["vnc :1"]}' ;; address) echo '{"host":"10.0.0.9"}' ;; esac`,
    );
    const { machine } = await opened(engine);
    await machine.start(never);
    const ways = await machine.keep();
    expect(ways).toEqual([
      expect.stringContaining('root@10.0.0.9'),
      'vnc :1',
      `machine ${machine.name} of sh`,
    ]);
    await machine.stop(0);
    await machine.release();
    expect(await engine.asked()).not.toContain('release');
  });

  test('whose release failed is released again when asked', async () => {
    const engine = await scripted('case $1 in release) [ -e ready ] ;; esac');
    const { machine } = await opened(engine);
    await expect(machine.release()).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    await writeFile(join(engine.folder, 'ready'), '');
    await machine.release();
  });

  test('that was half restored is released, and the restore is to blame', async () => {
    const engine = await scripted('case $1 in restore | release) echo "no $1" >&2; exit 1 ;; esac');
    await expect(opened(engine)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('no restore'),
    });
    expect(await engine.asked()).toEqual(['probe', 'restore', 'release']);
  });

  test('that ends by itself is noticed; a program that fails for once is no death', async () => {
    const engine = await scripted(
      `case $1 in status) if [ -e once ]; then echo '{"state":"stopped","reason":"it crashed"}'; else : >once; exit 1; fi ;; esac`,
      { verbs: ['address', 'status'] },
    );
    const { machine } = await opened(engine);
    await machine.start(never);
    expect(await machine.died).toBe('it crashed');
    expect((await engine.asked()).filter((verb) => verb === 'status')).toHaveLength(2);
  });

  test('has another identity with another clean state', async () => {
    const identity = async (engine: Scripted) => (await opened(engine)).machine.clean.identity;
    const engine = await scripted('case $1 in restore) cat made || true ;; esac 2>/dev/null');
    const before = await identity(engine);
    expect(await identity(engine)).toBe(before);
    await writeFile(join(engine.folder, 'made'), '{"identity":"anew"}');
    expect(await identity(engine)).toBe(`${before}anew`);
    const other = { ...engine, target: { ...engine.target, snapshot: 'other' } };
    expect(await identity(other)).not.toBe(`${before}anew`);
  });
});

describe('sweep', () => {
  const STATUS = { verbs: ['address', 'status'] };
  const script = `case $1 in
    restore) : >machine ;;
    status) if [ -e machine ]; then echo '{"state":"stopped"}'; else echo '{"state":"absent"}'; fi ;;
    release) printf %s "$VMTEST_WITH_IMAGE\${VMTEST_WITH_API_TOKEN-}" >released; rm -f machine ;;
  esac`;

  test('has the program release what the lease remembers, without secrets', async () => {
    const engine = await scripted(script, STATUS);
    const { machine, lease: own } = await opened(engine);
    const context = { host: engine.host, signal: never };
    const record = JSON.parse(JSON.stringify(own.record));
    expect(JSON.stringify(record)).not.toContain('hush');
    const lines = [`machine ${machine.name} of sh`];
    expect(await commandDriver.sweep(record, { ...context, dryRun: true })).toEqual(lines);
    expect(await engine.asked()).not.toContain('release');
    expect(await commandDriver.sweep(record, { ...context, dryRun: false })).toEqual(lines);
    expect(await readFile(join(engine.folder, 'released'), 'utf8')).toBe('a');
    expect(await commandDriver.sweep(record, { ...context, dryRun: false })).toEqual([]);
  });

  test('releases also what the program does not see', async () => {
    const engine = await scripted(script, STATUS);
    const { lease: own } = await opened(engine);
    await rm(join(engine.folder, 'machine'));
    const context = { host: engine.host, signal: never, dryRun: false };
    expect(await commandDriver.sweep(own.record, context)).toEqual([]);
    expect(await engine.asked()).toContain('release');
  });

  test('leaves leases alone that never came as far, or are damaged', async () => {
    const engine = await scripted(script, STATUS);
    const { record } = await lease(engine.host);
    const context = { host: engine.host, signal: never, dryRun: false };
    expect(await commandDriver.sweep(record, context)).toEqual([]);
    const stranger = { machine: { engine: { folder: '/' }, subject: { machine: { lease: 'another1' } } } };
    expect(await commandDriver.sweep({ ...record, facts: stranger }, context)).toEqual([]);
  });
});
