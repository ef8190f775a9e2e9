import { describe, expect, test } from 'vitest';
import { read } from './read.ts';

const document = (declaration: string) => `${declaration}<testsuite><testcase name="größer €"/></testsuite>`;

function utf16be(text: string): Uint8Array {
  return Buffer.from(text, 'utf16le').swap16();
}

async function nameIn(bytes: Uint8Array, chunk?: number): Promise<string | undefined> {
  const { suites, complete } = await read(bytes, chunk === undefined ? {} : { chunk });
  expect(complete).toBe(true);
  return suites[0]?.cases[0]?.name;
}

describe('the encoding of a result file', () => {
  test.each([
    ['UTF-8 by default', Buffer.from(document(''))],
    ['UTF-8 by its mark', Buffer.from(`\ufeff${document('<?xml version="1.0" encoding="latin1"?>')}`)],
    ['UTF-16 little endian by its mark', Buffer.from(`\ufeff${document('')}`, 'utf16le')],
    ['UTF-16 big endian by its mark', utf16be(`\ufeff${document('')}`)],
    ['UTF-16 little endian without a mark', Buffer.from(document(''), 'utf16le')],
    ['UTF-16 big endian without a mark', utf16be(document(''))],
    ['UTF-8 that calls itself UTF-16', Buffer.from(document('<?xml version="1.0" encoding="utf-16"?>'))],
  ])('%s', async (_what, bytes) => {
    expect(await nameIn(bytes)).toBe('größer €');
    expect(await nameIn(bytes, 1)).toBe('größer €');
  });

  test('a declared one', async () => {
    const text = document(`<?xml version='1.1' encoding='ISO-8859-1' ?>`).replace('€', '£');
    expect(await nameIn(Buffer.from(text, 'latin1'))).toBe('größer £');
  });

  test('an unknown one is read as UTF-8, and said', async () => {
    const { suites, problems } = await read(document('<?xml version="1.0" encoding="klingon"?>'));
    expect(suites[0]?.cases[0]?.name).toBe('größer €');
    expect(problems).toEqual(['the encoding "klingon" is not known; read as UTF-8']);
  });

  test('bytes that are not valid in it become replacement characters', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<testsuite><testcase name="a'),
      Buffer.from([0xff]),
      Buffer.from('b"/></testsuite>'),
    ]);
    expect(await nameIn(bytes)).toBe('a\ufffdb');
  });
});
