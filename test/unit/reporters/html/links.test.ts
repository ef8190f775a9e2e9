import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linksFrom } from '../../../../reporters/html/links.ts';

const output = join('/project', 'vmtest-results');
const beside = linksFrom(join(output, 'report.html'), output);

test.each([
  ['cells/a/output.log', 'cells/a/output.log'],
  ['cells/a/artifacts/50% #1?.txt', 'cells/a/artifacts/50%25%20%231%3F.txt'],
  ['javascript:alert(1)', 'javascript%3Aalert(1)'],
  ['a"b\'c<d>', 'a%22b%27c%3Cd%3E'],
  ['lone\ud800', 'lone%EF%BF%BD'],
])('%j', (file, link) => {
  expect(beside(file)).toBe(link);
});

test.each(['../secret', 'a/../../b', '/etc/passwd', '//host/share', 'a\\b', '', 'a//b', 'nul\0'])(
  '%j is none',
  (file) => {
    expect(beside(file)).toBeUndefined();
  },
);

test('a page elsewhere links to the output folder', () => {
  expect(linksFrom('/project/public/index.html', output)('cells/a/output.log')).toBe(
    '../vmtest-results/cells/a/output.log',
  );
});
