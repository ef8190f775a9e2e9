import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteFolder, quotePosix } from '../../../../src/guest/shell/quote.ts';
import { runIn, shells } from '../../../support/guest-shells.ts';
import { scratchFolder } from '../../../support/scratch.ts';

/** No halves of characters, which UTF-8 cannot carry. */
const isWellFormed = (word: string) => Buffer.from(word).toString() === word;

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
  .filter((word) => !word.includes('\0') && isWellFormed(word));

/** But for what is no name: dots and a tilde mean another folder. */
const folderName = text
  .map((name) => name.replaceAll('/', '').slice(0, 40))
  .filter((name) => !/^(\.*|~)$/.test(name) && Buffer.byteLength(name) < 250 && isWellFormed(name));

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
      { numRuns: 30 },
    );
  });

  test('goes to the folder that was quoted', async () => {
    const base = await scratchFolder();
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(folderName, { minLength: 1, maxLength: 12 }), async (names) => {
        const home = await mkdtemp(join(base, 'home'));
        for (const name of names) await mkdir(join(home, name), { recursive: true });
        const visits = names.map((name) => `(cd ${quoteFolder(name)} && printf '%s\\0' "$PWD")`);
        const { stdout } = runIn(shell, visits.join('\n'), { cwd: home });
        expect(stdout.split('\0').slice(0, -1)).toEqual(names.map((name) => join(home, name)));
      }),
      { numRuns: 10 },
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
