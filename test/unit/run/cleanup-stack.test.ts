import { expect, test } from 'vitest';
import { CleanupStack } from '../../../src/run/cleanup-stack.ts';

test('undoes in reverse, goes on after a failure and tells of it, and is empty then', async () => {
  const stack = new CleanupStack();
  const undone: string[] = [];
  stack.push('first', async () => void undone.push('first'));
  stack.push('second', () => Promise.reject(new Error('stuck')));
  stack.push('third', async () => void undone.push('third'));
  expect(await stack.unwind()).toEqual([{ what: 'second', error: new Error('stuck') }]);
  expect(undone).toEqual(['third', 'first']);
  expect(await stack.unwind()).toEqual([]);
});
