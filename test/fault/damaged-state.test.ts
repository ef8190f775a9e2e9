/** Every kind of state file, damaged in every way: none is trusted, none is lost, and what matters is said. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findTemplate, templateFolder } from '../../drivers/qemu/template.ts';
import { findState, stateFolder } from '../../drivers/v86/states.ts';
import { contentKey } from '../../src/host/content-key.ts';
import { createHost } from '../../src/host/create-host.ts';
import type { Host } from '../../src/host/host.ts';
import { tagOf } from '../../src/host/process-identity.ts';
import { sealFolder } from '../../src/host/sealed-folder.ts';
import type { CellResult } from '../../src/results/model.ts';
import { readPast, saveHistory } from '../../src/run/history.ts';
import { createHostKeyPins } from '../../src/run/host-keys.ts';
import { sweep } from '../../src/run/sweep.ts';
import { scratchFolder } from '../support/scratch.ts';

interface Place {
  host: Host;
  folder: string;
  /** What a person was told. */
  told: string[];
}

interface Kind {
  name: string;
  /** Makes a whole one. @returns its path. */
  make(place: Place): Promise<string>;
  /** What is decided by it; undefined when nothing is. */
  read(place: Place): Promise<unknown>;
  /** False for caches: who makes them anew says so. */
  isTold: boolean;
  /** Whether it is one of several files of a folder that is sealed. Default: false. */
  isSealed?: boolean;
}

const never = new AbortController().signal;
const KEY = 'k'.repeat(8);
const PIN = `SHA256:${'a'.repeat(43)}`;
const cell = {
  id: 'a',
  outcome: 'passed',
  timings: { run: 5 },
  attempts: [{ number: 1 }],
  suites: [],
} as unknown as CellResult;

async function plant(path: string, record: object): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, JSON.stringify(record));
  await sealFolder(dirname(path));
  return path;
}

async function onlyFile(folder: string): Promise<string> {
  const [name = ''] = await readdir(folder);
  return join(folder, name);
}

const kinds: Kind[] = [
  {
    name: 'lease',
    make: async ({ host }) => {
      const { record } = await host.leases.begin({ run: 'r', engine: 'fake', target: 't' });
      return join(host.paths.state, 'leases', `${record.id}.json`);
    },
    read: async ({ host, told }) => {
      const { leases, unreadable } = await host.leases.list();
      told.push(...unreadable);
      return leases[0];
    },
    isTold: true,
  },
  {
    name: 'history',
    make: async ({ host }) => {
      await saveHistory(host, '/m.yml', [cell]);
      return onlyFile(join(host.paths.state, 'history'));
    },
    read: async ({ host }) => (await readPast(host, '/m.yml')).cells['a'],
    isTold: true,
  },
  {
    name: 'pinned host key',
    make: async ({ host }) => {
      await createHostKeyPins(host).set('vm', PIN);
      return onlyFile(join(host.paths.state, 'host-keys'));
    },
    read: ({ host }) => createHostKeyPins(host).get('vm'),
    isTold: true,
  },
  {
    name: 'QEMU clean state',
    make: ({ host }) =>
      plant(join(templateFolder(host.paths.cache, KEY), 'template.json'), {
        key: KEY,
        kind: 'live',
        build: 'b',
        facts: {},
      }),
    read: ({ host }) => findTemplate(host.paths.cache, KEY),
    isTold: false,
    isSealed: true,
  },
  {
    name: 'v86 clean state',
    make: ({ host }) =>
      plant(join(stateFolder(host.paths.cache, KEY), 'state.json'), { key: KEY, build: 'b', facts: {} }),
    read: ({ host }) => findState(host.paths.cache, KEY),
    isTold: false,
    isSealed: true,
  },
];

/** Of a JSON text: all its beginnings, nothing, other bytes, other types at the top and one level down. */
function damages(text: string): [string, string | Buffer][] {
  const prefixes = Array.from({ length: text.trimEnd().length }, (_, length): [string, string] => [
    `its first ${length} bytes`,
    text.slice(0, length),
  ]);
  const whole = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  const fields = Object.keys(whole).filter((key) => !UNREAD.has(key));
  return [
    ...prefixes,
    ['zeros, as after a power failure', Buffer.alloc(text.length)],
    ['random bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x7b, 0x22])],
    ...['null', '0', '"text"', '[]', '{}', 'true'].map((json): [string, string] => [
      `the JSON ${json}`,
      json,
    ]),
    ...fields.flatMap((key) =>
      [null, [7], { x: 1 }, -1].map((value): [string, string] => [
        `${key} being ${JSON.stringify(value)}`,
        JSON.stringify({ ...whole, [key]: value }),
      ]),
    ),
  ];
}

/** Fields that nothing is decided by, and such as may hold any object. */
const UNREAD = new Set(['file', 'prepared', 'facts', 'build', 'kind']);

async function newPlace(): Promise<Place> {
  const folder = await scratchFolder();
  const told: string[] = [];
  const paths = { state: join(folder, 'state'), cache: join(folder, 'cache') };
  return { folder, told, host: createHost({ paths, warn: (message) => told.push(message) }) };
}

/** @returns the names beside a path that were set aside. */
async function asides(path: string): Promise<string[]> {
  const names = await readdir(dirname(path));
  return names.filter((name) => name.startsWith(basename(path)) && name.endsWith('.damaged'));
}

describe.each(kinds)('a damaged $name', ({ make, read, isTold, isSealed = false }) => {
  test('decides nothing, is set aside with its content, and told once', async () => {
    const place = await newPlace();
    const path = await make(place);
    expect(await read(place)).toBeDefined();
    const text = await readFile(path, 'utf8');
    for (const [what, content] of damages(text)) {
      place.told.length = 0;
      await writeFile(path, content);
      expect(await read(place), what).toBeUndefined();
      const [aside = '', ...others] = await asides(path);
      expect(others).toEqual([]);
      expect(await readFile(join(dirname(path), aside)), what).toEqual(Buffer.from(content));
      if (isTold) {
        expect(place.told, what).toEqual([expect.stringContaining(`${path} was damaged`)]);
        expect(place.told[0]).toContain(aside);
      }
      expect(await read(place)).toBeUndefined();
      expect(place.told).toHaveLength(isTold ? 1 : 0);
      await rm(join(dirname(path), aside));
    }
  });

  test.runIf(isSealed)('is not whole when one of its files was cut, lost, or not sealed', async () => {
    const place = await newPlace();
    const folder = dirname(await make(place));
    const file = join(folder, 'memory');
    await writeFile(file, 'all of it');
    await sealFolder(folder);
    expect(await read(place)).toBeDefined();
    await writeFile(file, 'all of');
    expect(await read(place)).toBeUndefined();
    await rm(file);
    expect(await read(place)).toBeUndefined();
    await sealFolder(folder);
    expect(await read(place)).toBeDefined();
    for (const seal of ['', '{}', 'null', '[]', '{"memory":1}']) {
      await writeFile(join(folder, 'seal.json'), seal);
      expect(await read(place), seal).toBeUndefined();
    }
  });

  test('is set aside when it is a folder', async () => {
    const place = await newPlace();
    const path = await make(place);
    await rm(path);
    await mkdir(join(path, 'full'), { recursive: true });
    expect(await read(place)).toBeUndefined();
    expect(await asides(path)).toHaveLength(1);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('is made anew in its place', async () => {
    const place = await newPlace();
    const path = await make(place);
    await writeFile(path, '');
    expect(await read(place)).toBeUndefined();
    await make(place);
    expect(await read(place)).toBeDefined();
  });
});

describe('a record of a file’s content', () => {
  test('that is damaged or in the way is no reason to fail, nor to be believed', async () => {
    const { folder, host } = await newPlace();
    const image = join(folder, 'image');
    await writeFile(image, 'disk');
    const entries = join(host.paths.cache, 'content');
    for (const name of ['not a folder', 'a folder in the way']) {
      await rm(host.paths.cache, { recursive: true, force: true });
      if (name === 'not a folder') await writeFile(host.paths.cache, '');
      else await mkdir(join(entries, 'x'), { recursive: true });
      expect(await contentKey(image, host.paths.cache, never)).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe('a sweep', () => {
  test('does its work beside damaged records, and never follows a record into somebody else’s folder', async () => {
    const { host } = await newPlace();
    const living = await host.leases.begin({ run: 'r', engine: 'none', target: 't' });
    const leases = join(host.paths.state, 'leases');
    const dead = { ...living.record, owner: { ...living.record.owner, start: '1' } };
    // A dead record by another name that points at the folder of a living one.
    await writeFile(join(leases, 'aaaaaaaa.json'), JSON.stringify(dead));
    const own = { ...dead, id: 'bbbbbbbb', folder: join(host.paths.state, 'machines', 'bbbbbbbb') };
    await writeFile(join(leases, 'bbbbbbbb.json'), JSON.stringify(own));
    await writeFile(join(leases, 'cccccccc.json'), '{');
    const report = await sweep(host, { kept: true, dryRun: false, signal: never });
    expect(report.swept.map(({ record }) => record.id)).toEqual(['bbbbbbbb']);
    expect(report.left.map(({ record }) => record.id)).toEqual([living.record.id]);
    expect(report.unreadable).toHaveLength(2);
    expect((await stat(living.record.folder)).isDirectory()).toBe(true);
  });

  test('finds the record of a living run again that was taken for damaged while it was being mended', async () => {
    const { host } = await newPlace();
    const lease = await host.leases.begin({ run: 'r', engine: 'none', target: 't' });
    const path = join(host.paths.state, 'leases', `${lease.record.id}.json`);
    await writeFile(path, '');
    await host.leases.list();
    await lease.note({ step: 2 });
    const { leases } = await host.leases.list();
    expect(leases.map(({ record }) => record.facts)).toEqual([{ step: 2 }]);
  });
});

describe('a lock', () => {
  test.each([
    ['an empty generation', async (path: string) => mkdir(path, { recursive: true })],
    ['a file in its place', async (path: string) => writeFile(path, '{"owner":null}')],
    ['an owner that is no tag', async (path: string) => mkdir(join(path, 'held.me'), { recursive: true })],
    [
      'two owners',
      async (path: string) => {
        for (const pid of [1, 2])
          await mkdir(join(path, `held.${tagOf({ pid, boot: '' })}`), { recursive: true });
      },
    ],
  ])('that is damaged (%s) is taken by nobody, and says what to do', async (_what, damage) => {
    const { host } = await newPlace();
    const unlock = await host.locks.tryAcquire('vm');
    await unlock?.();
    const path = join(host.paths.state, 'locks', 'vm', '1');
    await rename(path, `${path}.old`);
    await damage(path);
    const attempt = host.locks.tryAcquire('vm');
    await expect(attempt).rejects.toMatchObject({
      code: 'LOCK_DAMAGED',
      message: expect.stringContaining(path),
    });
    await expect(host.locks.acquire('vm', { signal: never })).rejects.toMatchObject({
      hint: expect.stringContaining(`rm -r ${dirname(path)}`),
    });
    await rm(dirname(path), { recursive: true });
    expect(await host.locks.tryAcquire('vm')).toBeDefined();
  });

  test('of a name that is longer than the file system’s names is a lock all the same', async () => {
    const { host } = await newPlace();
    const name = `output:/${'папка/'.repeat(60)}`;
    const unlock = await host.locks.tryAcquire(name);
    expect(await host.locks.tryAcquire(name)).toBeUndefined();
    expect(await host.locks.tryAcquire(`${name}x`)).toBeDefined();
    await unlock?.();
    expect(await host.locks.tryAcquire(name)).toBeDefined();
  });
});
