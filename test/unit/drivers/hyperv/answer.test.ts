import { describe, expect, test } from 'vitest';
import { parseAnswer } from '../../../../drivers/hyperv/answer.ts';

const block = (kind: string, json: string, end = '\n') =>
  ['', `===Begin-${kind}===`, json, `===End-${kind}===`, ''].join(end);

describe('the answer of a script', () => {
  test('is found among noise, with either end of line', () => {
    for (const end of ['\n', '\r\n']) {
      const stdout = `\uFEFFWARNING: The names of some imported commands${end}{"a":0}${end}${block('Output', '{"a":1}', end)}VERBOSE: bye${end}`;
      expect(parseAnswer(stdout)).toEqual({ kind: 'output', value: { a: 1 } });
    }
  });

  test('follows a byte order mark', () => {
    expect(parseAnswer(`\uFEFF===Begin-Output===\n{}\n===End-Output===\n`)).toEqual({ kind: 'none' });
    expect(parseAnswer(`\uFEFF${block('Output', '{}')}`)).toEqual({ kind: 'output', value: {} });
  });

  test('is the last of several', () => {
    expect(parseAnswer(block('Output', '{"a":1}') + block('Output', '{"a":2}'))).toEqual({
      kind: 'output',
      value: { a: 2 },
    });
    expect(parseAnswer(block('Output', '{"a":1}') + block('Error', '{"message":"m"}'))).toMatchObject({
      kind: 'error',
      error: { message: 'm', id: '' },
    });
  });

  test('keeps what it quotes', () => {
    const value = { name: '===End-Output===\n===Begin-Error===', more: 'é‘"\\u0000' };
    expect(parseAnswer(block('Output', JSON.stringify(value)))).toEqual({ kind: 'output', value });
  });

  test.each([
    ['nothing', ''],
    ['noise only', 'Get-VM : oh no\n'],
    ['no end', '\n===Begin-Output===\n{"a":1}\n'],
    ['half an end', '\n===Begin-Output===\n{"a":1}\n===End-Out'],
    ['half a text', block('Output', '{"a":')],
    ['another end', '\n===Begin-Output===\n{"a":1}\n===End-Error===\n'],
    ['markers within a line', 'x ===Begin-Output===\n{"a":1}\n===End-Output===\n'],
  ])('is none: %s', (_, stdout) => {
    expect(parseAnswer(stdout)).toEqual({ kind: 'none' });
  });

  test('is the whole one when a second breaks off', () => {
    expect(parseAnswer(`${block('Output', '{"a":1}')}\n===Begin-Error===\n{"mess`)).toEqual({
      kind: 'output',
      value: { a: 1 },
    });
  });

  test('has texts where an error record has none', () => {
    expect(parseAnswer(block('Error', '{"message":null,"id":7}'))).toEqual({
      kind: 'error',
      error: { message: '', id: '', type: '', category: '', where: '' },
    });
  });
});
