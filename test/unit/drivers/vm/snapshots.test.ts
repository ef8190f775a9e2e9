import { expect, test } from 'vitest';
import { findSnapshots } from '../../../../drivers/vm/snapshots.ts';
import { snapshotOf } from '../../../support/vm-control.ts';

const tree = [
  snapshotOf('base'),
  snapshotOf('base/clean'),
  snapshotOf('base/updated'),
  snapshotOf('base/updated/clean'),
];
const find = (wanted: string, snapshots = tree) => findSnapshots(wanted, snapshots).map(({ path }) => path);

test('a snapshot is found by its id, its path, the end of its path, and its name', () => {
  expect(find('id-of-base/clean')).toEqual(['base/clean']);
  expect(find('base/updated/clean')).toEqual(['base/updated/clean']);
  expect(find('updated/clean')).toEqual(['base/updated/clean']);
  expect(find('updated')).toEqual(['base/updated']);
});

test('a name that two have means both', () => {
  expect(find('clean')).toEqual(['base/clean', 'base/updated/clean']);
});

test('a path ends at a name, not within one', () => {
  expect(find('dated/clean')).toEqual([]);
  expect(find('lean')).toEqual([]);
  expect(find('Clean')).toEqual([]);
});

test('the better kind of match wins: whole path over name, id over all', () => {
  expect(find('clean', [snapshotOf('clean'), snapshotOf('base/clean')])).toEqual(['clean']);
  const one = snapshotOf('base/two', { id: '2' });
  expect(find('2', [snapshotOf('2', { id: '3' }), one])).toEqual(['base/two']);
});

test('names may hold what is a path to others', () => {
  expect(find('a/b', [snapshotOf('x', { name: 'a/b' }), snapshotOf('y/a/b')])).toEqual(['x']);
});
