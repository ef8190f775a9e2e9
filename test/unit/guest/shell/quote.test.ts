import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteFolder, quotePosix } from '../../../../src/guest/shell/quote.ts';
import { runIn, shells } from '../../../support/guest-shells.ts';
import { scratchFolder } from '../../../support/scratch.ts';

/** Texts of what shells find special, next to anything that UTF-8 can carry. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '`',
        '!',
        '\n',
        '\r',
        '\t',
        ' ',
        '*',
        '~',
        '#',
        '-',
        '=',
        '%',
        ';',
        '&',
        '|',
      ),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))
  .filter((word) => !word.includes('\0') && word.isWellFormed());

test('there are shells to try', () => {
  expect(shells.map(({ name }) => name)).toContain('sh');
});

describe.each(shells)('$name', (shell) => {
  test('gives a program the very words that were quoted', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (words) => {
        const { stdout } = runIn(shell, `printf '%s\\0' ${words.map(quotePosix).join(' ')}`);
        expect(stdout.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  test('goes to the folder that was quoted', async () => {
    const base = await scratchFolder();
    await fc.assert(
      fc.asyncProperty(
        text.map((name) => name.replaceAll('/', '').slice(0, 40)),
        async (name) => {
          // A name that is no more than dots or a tilde means another folder.
          fc.pre(!/^(\.*|~)$/.test(name) && Buffer.byteLength(name) < 250);
          const home = await mkdtemp(join(base, 'home'));
          await mkdir(join(home, name));
          const { stdout } = runIn(shell, `cd ${quoteFolder(name)} && printf '%s.' "$PWD"`, { cwd: home });
          await rm(home, { recursive: true });
          expect(stdout).toBe(`${join(home, name)}.`);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('a tilde is the home, in which scripts start', () => {
  expect(['~', '~/', '', '~/work', '~//a b', 'work', '/srv/x', '-x'].map(quoteFolder)).toEqual([
    '.',
    '.',
    '.',
    'work',
    "'a b'",
    'work',
    '/srv/x',
    './-x',
  ]);
});

test('refuses what no shell can carry', () => {
  expect(() => quotePosix('a\0b')).toThrow(expect.objectContaining({ code: 'GUEST_TEXT_UNSUPPORTED' }));
});
