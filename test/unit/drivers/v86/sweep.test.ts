import { expect, test } from 'vitest';
import { isMachine } from '../../../../drivers/v86/sweep.ts';

test('a process is ours by the whole of its name, where our command line has it', () => {
  const argv = (name: string) => [
    '/usr/bin/node',
    'main.js',
    '--name',
    name,
    '--control',
    '/s',
    '--spec',
    '/m',
  ];
  expect(isMachine(argv('vmtest-abcdefgh'), 'vmtest-abcdefgh')).toBe(true);
  expect(isMachine(argv('vmtest-abcdefgh2'), 'vmtest-abcdefgh')).toBe(false);
  expect(isMachine(['less', '--name', 'vmtest-abcdefgh'], 'vmtest-abcdefgh')).toBe(false);
  expect(isMachine([''], 'vmtest-abcdefgh')).toBe(false);
});
