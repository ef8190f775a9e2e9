import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paint, renderLine } from '../../../reporters/text/line.ts';
import { nastyText } from './nasty-text.ts';

describe('renderLine', () => {
  test('our colours, and only when asked', () => {
    const line = ['a ', paint('red', 'b'), ' c', paint('dim', '')];
    expect(renderLine(line, false)).toBe('a b c');
    expect(renderLine(line, true)).toBe('a \x1b[31mb\x1b[39m c');
  });

  test('colours of others go, in every part', () => {
    expect(renderLine(['\x1b[32ma\x1b[0m', paint('red', '\x1b[1mb')], true)).toBe('a\x1b[31mb\x1b[39m');
  });

  test.each([
    ['a command of GitHub', '::set-env name=x::y', ': :set-env name=x::y'],
    ['after spaces', ' \t\u00a0::error::x', ' \t\u00a0: :error::x'],
    ['after characters that comparing ignores', '\u200d\u00ad::error::x', '\u200d\u00ad: :error::x'],
    ['an escape code before it', '\x1b[0m::error::x', ': :error::x'],
    ['an old one, anywhere', 'x | ##[add-mask]y', 'x | ## [add-mask]y'],
    ['Azure, anywhere', 'x ##vso[task.setvariable]y', 'x ## vso[task.setvariable]y'],
    ['TeamCity', "##teamcity[testFailed name='x']", "## teamcity[testFailed name='x']"],
    ['one within another', '###[x]##vso[##[y]', '### [x]## vso[## [y]'],
    [
      'GitLab’s sections, which need an escape code',
      '\x1b[0Ksection_start:1:x\r\x1b[0K',
      'section_start:1:x␊',
    ],
  ])('disarms %s', (_what, text, shown) => {
    expect(renderLine(text, false)).toBe(shown);
  });

  test('leaves what is harmless', () => {
    for (const text of ['std::vector', 'a ::b::', '## heading', '##', '# [x]', ':colon', 'x > y']) {
      expect(renderLine(text, false)).toBe(text);
    }
  });

  test('whatever the parts: one line, no foreign control character, no command', () => {
    const part = fc.oneof(
      nastyText,
      nastyText.map((text) => paint('bold', text)),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean(), (parts, color) => {
        const line = renderLine(parts, color);
        const bare = line.replaceAll(/\x1b\[(?:1|22)m/g, '');
        expect(bare).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
        expect(bare).not.toMatch(/##(?:vso|teamcity)?\[/);
        expect(line).not.toMatch(/^\s*::/);
      }),
      { numRuns: 1_000 },
    );
  });
});
