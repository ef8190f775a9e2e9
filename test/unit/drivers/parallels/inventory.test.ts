import { describe, expect, test } from 'vitest';
import { parseDetails, parseList, sameId, stateOf } from '../../../../drivers/parallels/inventory.ts';

const LIST = `[{"uuid":"{6e3d9f5c-1111-4222-8333-944445555666}","status":"running","ip_configured":"10.211.55.4","name":"Windows 11"},
 {"uuid":"{9c11aa77-1111-4222-8333-944445555666}","status":"stopped","ip_configured":"-","name":"Ubuntu 24.04"}]`;

test('the documented list', () => {
  expect(parseList(LIST)).toEqual([
    {
      id: '{6e3d9f5c-1111-4222-8333-944445555666}',
      name: 'Windows 11',
      state: 'running',
      addresses: ['10.211.55.4'],
    },
    { id: '{9c11aa77-1111-4222-8333-944445555666}', name: 'Ubuntu 24.04', state: 'off', addresses: [] },
  ]);
});

test.each([
  '  two  spaces ',
  'it\'s "quoted"',
  'ünï 测试 😀',
  '100 %s %n',
  '--all',
  '-',
  '[1] {2}',
  'a\\b/c',
])('the name %s stays as it is', (name) => {
  const row = { uuid: '{1}', status: 'stopped', ip_configured: '-', name };
  expect(parseList(JSON.stringify([row]))).toMatchObject([{ name }]);
});

test('several addresses are taken apart', () => {
  const row = { uuid: '{1}', status: 'running', name: 'a', ip_configured: 'fe80::1 10.211.55.4, fdb2::4' };
  expect(parseList(JSON.stringify([row]))[0]?.addresses).toEqual(['fe80::1', '10.211.55.4', 'fdb2::4']);
});

describe('around and inside of the JSON', () => {
  test('there may be warnings, brackets in them too', () => {
    const output = `WARNING: [prl] class {x} is implemented twice\n${LIST}\nbye\n`;
    expect(parseList(LIST)).toHaveLength(2);
    expect(parseList(output)).toEqual(parseList(LIST));
  });

  test('there may be raw control characters', () => {
    expect(parseList(LIST.replace('Windows', 'Win\u0001\u001fdows'))).toEqual(parseList(LIST));
  });

  test.each(['', '  \n', '[]'])('nothing (%j) is no VM', (output) => {
    expect(parseList(output)).toEqual([]);
  });

  test.each(['no JSON at all', '[{"uuid":', '<html>', '42', '[1,', '{"uuid": null}'])(
    '%s is refused with what it was',
    (output) => {
      expect(() => parseList(output)).toThrow(
        expect.objectContaining({ code: 'PARALLELS_OUTPUT', details: output, hint: expect.any(String) }),
      );
    },
  );

  test('rows that are none are left out', () => {
    expect(parseList('[1, null, "x", {"name":"no id"}, {"uuid":"{1}","name":"a"}]')).toEqual([
      { id: '{1}', name: 'a', state: 'broken', addresses: [] },
    ]);
  });
});

describe('details', () => {
  const VM = {
    ID: '6e3d9f5c',
    Home: '/Users/me/Parallels/Windows 11.pvm/',
    GuestTools: { state: 'possibly_installed', version: '26.4.1-57516' },
    Hardware: {
      cpu: { cpus: 4 },
      memory: { size: '20480Mb' },
      net0: { enabled: true, mac: '001C42F593FB', card: 'virtio' },
    },
  };

  test('as documented, of the last element', () => {
    expect(parseDetails(JSON.stringify([{ Home: '/other' }, VM]))).toEqual({
      home: '/Users/me/Parallels/Windows 11.pvm',
      tools: 'possibly_installed',
      cpus: 4,
      memory: 20480 * 1024 ** 2,
      mac: '001c42f593fb',
    });
  });

  test.each([
    ['2 GB', 2 * 1024 ** 3],
    ['524288Kb', 512 * 1024 ** 2],
    ['viel', 0],
  ])('memory of %s', (size, bytes) => {
    const vm = { ...VM, Hardware: { memory: { size } } };
    expect(parseDetails(JSON.stringify([vm]))).toMatchObject({ memory: bytes, cpus: 1, mac: undefined });
  });

  test('of nothing are harmless', () => {
    const nothing = { home: '', tools: 'unknown', cpus: 1, memory: 0, mac: undefined };
    for (const output of ['', '[]', '[{}]', '[{"Hardware":[],"GuestTools":"x"}]']) {
      expect(parseDetails(output)).toEqual(nothing);
    }
  });
});

test.each([
  ['running', 'running'],
  ['stopped', 'off'],
  ['suspended', 'saved'],
  ['paused', 'paused'],
  ['restoring\n', 'changing'],
  ['snapshotting', 'changing'],
  ['invalid', 'broken'],
  ['angehalten', 'broken'],
  ['', 'broken'],
])('the word %j is the state %s', (word, state) => {
  expect(stateOf(word)).toBe(state);
});

test('ids are the same with braces, without, and in capitals', () => {
  expect(sameId('{6E3D9F5C-1111}', '6e3d9f5c-1111')).toBe(true);
  expect(sameId('{6e3d9f5c-1111}', '{6e3d9f5c-1112}')).toBe(false);
});
