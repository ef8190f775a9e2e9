import { expect, test } from 'vitest';
import { explainFailure, type KnownFailure } from '../../../src/host/known-failures.ts';

const known: KnownFailure[] = [
  { pattern: /lost '(\w+)'/, code: 'LOST', message: '$1 is gone', hint: 'look', retryable: true },
  { pattern: /prog: bad .*/, code: 'BAD', message: 'refused: $&' },
  { pattern: /lost/, code: 'LATER', message: 'too late' },
];
const texts = { known, tell: () => 'no word', shorten: (match: string) => match.replace('prog: ', '') };
const context = { doing: 'starting', code: 'OTHER', hint: 'of the caller', retryable: true, cause: 'x' };

test('the first text that fits wins, and brings its own hint and whether to try again', () => {
  expect(explainFailure("lost 'disk'", context, texts)).toMatchObject({
    code: 'LOST',
    message: 'starting failed: disk is gone',
    hint: 'look',
    retryable: true,
    details: "lost 'disk'",
    cause: 'x',
  });
  const bad = explainFailure('warning\nprog: bad thing', context, texts);
  expect(bad).toMatchObject({
    code: 'BAD',
    message: 'starting failed: refused: bad thing',
    retryable: false,
  });
  expect(bad.hint).toBeUndefined();
});

test('what is not known is as the caller says', () => {
  const other = explainFailure(' ', context, texts);
  expect(other).toMatchObject({
    code: 'OTHER',
    message: 'starting failed: no word',
    hint: 'of the caller',
    retryable: true,
  });
  expect(other.details).toBeUndefined();
});

test('what a vendor prints is shown as it stands, also where it looks like a mark', () => {
  const odd = [{ pattern: /open '(.*?)'/, code: 'ODD', message: 'no $1 ($&)' }];
  const { message } = explainFailure("open '$& $1 $'", context, { ...texts, known: odd });
  expect(message).toBe("starting failed: no $& $1 $ (open '$& $1 $')");
});
