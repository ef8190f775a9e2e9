import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { packageFile } from '../../../../src/host/this-package.ts';
import { parseScript } from '../../../standins/powershell/language/parse-statement.ts';
import { ParseError } from '../../../standins/powershell/language/source.ts';

const scripts = packageFile('drivers/hyperv/scripts/');

describe("the driver's scripts", async () => {
  const names = (await readdir(scripts, { recursive: true })).filter((name) => name.endsWith('.ps1'));
  test.each(names.sort())('%s keeps to the subset, in ASCII', async (name) => {
    const text = await readFile(new URL(name, scripts), 'utf8');
    expect(parseScript(text).length).toBeGreaterThan(0);
    // Windows PowerShell takes a file without a byte order mark for one in the system's code page.
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});

test.each([
  ['a pipe that leads nowhere', 'Get-VM |'],
  ['a brace that stays open', 'if ($a) { Get-VM'],
  ['a text that stays open', '$a = "b'],
  ['what PowerShell 5.1 lacks: a ternary', '$a = $b ? 1 : 2'],
  ['chains', 'Get-VM && Get-VM'],
  ['null coalescing', '$a = $b ?? 1'],
  ['an escape', '"`u{1F4BF}"'],
  ['a scope', '$global:a = 1'],
  ['a loop that is not in the subset', 'for ($i = 0; $i -lt 3; $i++) { }'],
  ['return', 'function A { return 1 }'],
  ['a call with blanks', '$a.B (1)'],
  ['an operator', '$a -like $b'],
  ['a redirection', 'Get-VM 2> $null'],
  ['a statement behind another', "$a = 'b' 'c'"],
])('refuses %s', (_, text) => {
  expect(() => parseScript(text)).toThrow(ParseError);
});
