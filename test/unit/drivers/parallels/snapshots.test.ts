import { expect, test } from 'vitest';
import { parseSnapshots } from '../../../../drivers/parallels/snapshots.ts';

const ID = '{351b744b-3b1b-422c-957f-cfeae36b472d}';
const DOCUMENTED = `{"${ID}":{"name":"clean","date":"2026-07-10 11:41:38","state":"poweroff","current":true,"parent":""}}`;

test('the documented one', () => {
  expect(parseSnapshots(DOCUMENTED)).toEqual([
    { id: ID, name: 'clean', path: 'clean', live: false, stamp: `${ID} 2026-07-10 11:41:38` },
  ]);
});

test('none are an empty output', () => {
  expect(parseSnapshots('')).toEqual([]);
  expect(parseSnapshots('\n')).toEqual([]);
  expect(parseSnapshots('{}')).toEqual([]);
});

test.each([
  ['poweroff', false],
  ['poweron', true],
  ['suspend', true],
])('a state %s holds memory: %s', (state, live) => {
  expect(parseSnapshots(DOCUMENTED.replace('poweroff', state))[0]?.live).toBe(live);
});

test('a tree has paths, and odd names stay as they are', () => {
  const tree = {
    '{1}': { name: 'base', parent: '' },
    '{2}': { name: 'it\'s "100 %" – ünï', parent: '{1}' },
    '{3}': { name: 'clean', parent: '{2}' },
    '{4}': { name: 'clean', parent: '{gone}' },
  };
  expect(parseSnapshots(JSON.stringify(tree)).map(({ path }) => path)).toEqual([
    'base',
    'base/it\'s "100 %" – ünï',
    'base/it\'s "100 %" – ünï/clean',
    'clean',
  ]);
});

test('parents in a circle end somewhere', () => {
  const circle = { '{1}': { name: 'a', parent: '{2}' }, '{2}': { name: 'b', parent: '{1}' } };
  expect(parseSnapshots(JSON.stringify(circle)).map(({ path }) => path)).toEqual(['b/a', 'a/b']);
});

test('the stamp changes when one is made anew', () => {
  const [old] = parseSnapshots(DOCUMENTED);
  const [anew] = parseSnapshots(DOCUMENTED.replace('11:41:38', '11:41:39'));
  expect(anew?.stamp).not.toBe(old?.stamp);
});

test('dates of another locale, and fields of other kinds, are no trouble', () => {
  const odd = {
    '{1}': { name: 'clean', date: '10. Juli 2026 um 11:41', state: 'poweroff', parent: null },
    '{2}': 7,
  };
  expect(parseSnapshots(JSON.stringify(odd)).map(({ name }) => name)).toEqual(['clean', '']);
});

test('garbage is refused', () => {
  expect(() => parseSnapshots('Snapshots: clean')).toThrow(
    expect.objectContaining({ code: 'PARALLELS_OUTPUT' }),
  );
});
