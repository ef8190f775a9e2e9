import fc from 'fast-check';

/** Text made to break writers: all of Unicode, lone surrogates, control characters, markup. */
export const nastyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ']]>',
        '<![CDATA[',
        '&amp;',
        '&#0;',
        '<!--',
        '-->',
        '</testcase>',
      ),
      fc.constantFrom(
        '\x00',
        '\x1b[31m',
        '\x1b',
        '\x7f',
        '\x85',
        '\ud800',
        '\udfff',
        '\uffff',
        '\r',
        '\n',
        '\t',
        ' ',
      ),
      fc.constantFrom('::error::', '##[command]', '[[ATTACHMENT|/etc/passwd]]', '__proto__', '…'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
