import { describe, expect, it } from 'vitest';
import { formatProblems, inFileOrder, MatrixFileError, problemsError } from '../../../matrix/problems.ts';

const problem = (line: number, column: number, message = 'wrong') => ({
  file: 'a.yml',
  line,
  column,
  message,
});

describe('problems in print', () => {
  it('show place, message, line and hint', () => {
    expect(formatProblems([{ ...problem(2, 4), hint: 'do it right' }], 'one\ntwo: 2\n')).toBe(
      'a.yml:2:4: wrong\n    two: 2\n       ^\n    hint: do it right\n',
    );
  });

  it('leave the line out when it is empty, missing or unknown', () => {
    expect(formatProblems([problem(1, 1)])).toBe('a.yml:1:1: wrong\n');
    expect(formatProblems([problem(1, 1), problem(9, 9)], '\n')).toBe('a.yml:1:1: wrong\na.yml:9:9: wrong\n');
  });

  it('cut long lines around the place, and keep escape codes from the terminal', () => {
    const [, source = '', caret = ''] = formatProblems(
      [problem(1, 501)],
      `${'x'.repeat(500)}!${'y'.repeat(500)}`,
    ).split('\n');
    expect(source.length).toBeLessThan(170);
    expect(source[caret.indexOf('^')]).toBe('!');
    expect(formatProblems([problem(1, 1)], 'a\x1b[31mb\u202Ec')).not.toMatch(/\x1b|\u202E/);
  });

  it('count lines with CRLF and a byte order mark', () => {
    expect(formatProblems([problem(2, 1)], '\uFEFFone\r\ntwo\r\n')).toBe(
      'a.yml:2:1: wrong\n    two\n    ^\n',
    );
  });

  it('end after a hundred', () => {
    const many = Array.from({ length: 150 }, (_, index) => problem(index + 1, 1));
    const lines = formatProblems(many).trimEnd().split('\n');
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('… and 50 more');
  });

  it('come in file order, each once', () => {
    const wrong = [problem(2, 1), problem(1, 9), problem(1, 2), problem(1, 9), problem(1, 9, 'other')];
    expect(inFileOrder(wrong).map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '1:2 wrong',
      '1:9 wrong',
      '1:9 other',
      '2:1 wrong',
    ]);
  });

  it('make an error', () => {
    const error = problemsError([problem(1, 1), problem(2, 2)], 'one\ntwo\n');
    expect(error).toBeInstanceOf(MatrixFileError);
    expect(error).toMatchObject({ code: 'MATRIX_FILE', message: 'a.yml has 2 problems', retryable: false });
    expect(error.problems).toHaveLength(2);
    expect(error.details).toBe('a.yml:1:1: wrong\n    one\n    ^\na.yml:2:2: wrong\n    two\n     ^\n');
    expect(problemsError([problem(1, 1)], '').message).toBe('a.yml has a problem');
  });
});
