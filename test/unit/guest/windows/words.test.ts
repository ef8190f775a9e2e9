import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedCommand, loadBoot, windowsBoot } from '../../../../src/guest/windows/boot.ts';
import { windowsArguments } from '../../../../src/guest/windows/command-line.ts';
import { windowsEnvironment } from '../../../../src/guest/windows/environment.ts';
import { checkUser, EVERY_BYTE, parseFacts } from '../../../../src/guest/windows/facts.ts';
import { windowsInterpreter } from '../../../../src/guest/windows/interpreters.ts';
import { loadScripts, Text } from '../../../../src/guest/windows/script.ts';
import { parseScript } from '../../../standins/powershell/language/parse-statement.ts';
import { splitArguments } from '../../../standins/windows/command-line.ts';

test.each([
  [['a', 'b c', ''], 'a "b c" ""'],
  [['C:\\dir\\'], 'C:\\dir\\'],
  [['C:\\my dir\\'], '"C:\\my dir\\\\"'],
  [['say "x"'], '"say \\"x\\""'],
  [['a\\\\"b'], '"a\\\\\\\\\\"b"'],
  [['%PATH%', '$(x)'], '%PATH% $(x)'],
])('words %j are %s', (words, line) => {
  expect(windowsArguments(words)).toBe(line);
});

test('any words come through a command line unchanged', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\t', "'", '%', 'ü', '😀') });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitArguments(windowsArguments(words))).toEqual(words);
    }),
  );
});

test("a program takes its words apart by Microsoft's rules", () => {
  // The examples of the page on CommandLineToArgvW and C's main.
  expect(splitArguments('"abc" d e')).toEqual(['abc', 'd', 'e']);
  expect(splitArguments('a\\\\b d"e f"g h')).toEqual(['a\\\\b', 'de fg', 'h']);
  expect(splitArguments('a\\\\\\"b c d')).toEqual(['a\\"b', 'c', 'd']);
  expect(splitArguments('a\\\\\\\\"b c" d e')).toEqual(['a\\\\b c', 'd', 'e']);
});

describe('the boot', () => {
  test('is a line in which no shell sees anything, and short enough for cmd', async () => {
    const line = windowsBoot(await loadBoot()).command(`${'x'.repeat(1_000_000)}\n`, 'mark');
    expect(line).toMatch(/^powershell\.exe( -\w+( [\w+/=]+)?)+$/);
    expect(line.length).toBeLessThan(8191 / 2);
  });

  test('is base64 of UTF-16, little endian, and counts bytes', async () => {
    expect(encodedCommand('aü')).toBe(Buffer.from([0x61, 0, 0xfc, 0]).toString('base64'));
    const encoded =
      windowsBoot(await loadBoot())
        .command('ü\n', 'mark')
        .split(' ')
        .at(-1) ?? '';
    const script = Buffer.from(encoded, 'base64').toString('utf16le');
    expect(script).toContain('$length = 3;');
    expect(script).not.toContain('#');
    parseScript(script);
  });
});

describe('scripts', () => {
  test('keep to a subset of PowerShell, and hold what they are told as data', async () => {
    const scripts = await loadScripts();
    const odd = 'it\'s $(x) `n " ’ ü\0';
    for (const name of ['clock', 'kill', 'list', 'pack', 'probe', 'remove', 'run', 'unpack'] as const) {
      const script = scripts(name, {
        odd: new Text(odd),
        many: [1, new Text('')],
        yes: true,
        of: [{ a: 'b' }],
      });
      expect(script).toContain(
        `$request = @{ odd = '${Buffer.from(odd).toString('base64')}'; many = @(1, ''); yes = $true; of = @(@{ a = 'b' }) }`,
      );
      parseScript(script);
    }
  });

  test('take no word with quotes in it', async () => {
    const scripts = await loadScripts();
    expect(() => scripts('list', { folder: "it's" })).toThrow('not a plain word');
  });
});

describe('what runs a script', () => {
  const file = 'C:\\Temp\\x.script';

  test('by name', () => {
    const line = (shell: string) =>
      windowsInterpreter(shell).args(`${file}${windowsInterpreter(shell).extension}`);
    expect(line('cmd')).toBe('/D /E:ON /V:OFF /S /C "CALL "C:\\Temp\\x.script.cmd""');
    expect(line('bash')).toBe('--noprofile --norc -eo pipefail C:/Temp/x.script.sh');
    expect(splitArguments(line('powershell')).at(-1)).toBe(". 'C:\\Temp\\x.script.ps1'");
    expect(line('npx tsx {0}')).toBe('/D /E:ON /V:OFF /S /C "npx tsx C:\\Temp\\x.script"');
    expect(() => line('zsh')).toThrow('a Windows guest cannot run `shell: zsh`');
  });

  test('has the line ends and the encoding that it needs', () => {
    expect(windowsInterpreter('cmd').wrap('a\nb\r\n')).toBe('a\r\nb\r\n');
    expect(windowsInterpreter('powershell').wrap('ü').codePointAt(0)).toBe(0xfeff);
    expect(windowsInterpreter('python').wrap('a\n')).toBe('a\n');
  });
});

describe('variables', () => {
  const refused = (env: Record<string, string>) => () => windowsEnvironment(env);

  test.each([
    [{ '': 'x' }, 'GUEST_ENV_INVALID'],
    [{ 'A=B': 'x' }, 'GUEST_ENV_INVALID'],
    [{ A: 'x\0' }, 'GUEST_ENV_INVALID'],
    [{ Path: 'x', PATH: 'y' }, 'GUEST_ENV_INVALID'],
    [{ LONG: 'x'.repeat(32_767) }, 'GUEST_ENV_TOO_LONG'],
  ])('%# are refused', (env: Record<string, string>, code) => {
    expect(refused(env)).toThrow(expect.objectContaining({ code }));
  });

  test('that say where programs are, are marked', () => {
    expect(windowsEnvironment({ Path: 'C:\\x', A: '' })).toEqual([
      { name: new Text('Path'), value: new Text('C:\\x'), path: true },
      { name: new Text('A'), value: new Text(''), path: false },
    ]);
  });
});

describe('what the guest says of itself', () => {
  const answer = (more: Buffer) =>
    Buffer.concat([
      Buffer.from('hello\nt folder=C:\\Temp\\.vmtest-t\nt user=PC\\Jörg\nt system=False\nt end=1\n'),
      more,
    ]);

  test('counts when all bytes have come through', () => {
    expect(parseFacts(answer(EVERY_BYTE), 't')).toEqual({
      folder: 'C:\\Temp\\.vmtest-t',
      user: 'PC\\Jörg',
      isSystem: false,
    });
    expect(parseFacts(Buffer.from('t folder=C:\\x\n'), 't')).toBeUndefined();
    expect(() => parseFacts(answer(EVERY_BYTE.subarray(1)), 't')).toThrow('changes what programs print');
  });

  test.each([
    ['PC\\tester', false, 'Tester', true],
    ['PC\\tester', false, 'PC\\tester', true],
    ['CORP\\tester', false, 'tester@corp.example', true],
    ['PC\\other', false, 'tester', false],
    ['AUTORITE NT\\Système', true, 'SYSTEM', true],
    ['AUTORITE NT\\Système', true, 'tester', false],
  ])('%s (system: %s) is %s: %s', (user, isSystem, wanted, is) => {
    const check = () => checkUser({ folder: '', user, isSystem }, wanted);
    if (is) check();
    else expect(check).toThrow(`the guest agent runs as ${user} and cannot become ${wanted}`);
  });
});
