import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { core } from '../../../standins/powershell/cmdlets/core.ts';
import { json } from '../../../standins/powershell/cmdlets/json.ts';
import { cmdlet } from '../../../standins/powershell/runtime/cmdlet.ts';
import { PsError } from '../../../standins/powershell/runtime/errors.ts';
import { Interpreter } from '../../../standins/powershell/runtime/interpreter.ts';
import { Scope } from '../../../standins/powershell/runtime/scope.ts';
import { EnumValue, Guid, type Value } from '../../../standins/powershell/runtime/values.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const samples = [
  cmdlet('Get-Sample', 'Sample', ['-Many <Int32>'], ({ given }) =>
    Array.from({ length: Number(given.get('Many')) }, (_, at): Value => at),
  ),
  cmdlet('Get-Enum', 'Sample', [''], () => [new EnumValue('Off', 3)]),
  cmdlet('Get-Failure', 'Sample', [''], () => {
    throw new PsError('no', 'No,Sample');
  }),
  cmdlet('Get-Id', 'Sample', [''], () => [new Guid('AAAAAAAA-0000-0000-0000-000000000000')]),
  cmdlet(
    'Set-Sample',
    'Sample',
    ['[-VM] <VM[]> [[-Name] <String>] [-Force]', '-Id <Guid> [-Force]'],
    ({ given }) => [`${given.get('VM')}|${given.get('Name')}|${given.get('Id')}|${given.isOn('Force')}`],
  ),
];

async function run(text: string): Promise<Value[]> {
  const file = join(await scratchFolder(), 'a.ps1');
  await writeFile(file, `$ErrorActionPreference = 'Stop'\n${text}`);
  return new Interpreter([...core, ...json, ...samples]).runFile(file, new Scope());
}

describe('values', () => {
  test.each([
    ["'it''s $a'", "it's $a"],
    ['"a`n`"$(1)"', 'a\n"1'],
    ['"$(Get-Enum)"', 'Off'],
    ['"$(Get-Id)"', 'aaaaaaaa-0000-0000-0000-000000000000'],
    ['"$($true) $($null)|"', 'True |'],
    ["('a' -eq 'A') -and ($null -ne 0)", true],
    ["'' -or @()", false],
    ['@(Get-Sample -Many 1).Count', 1],
    ['$a = @{ B = 1 }; $a.b', 1],
  ])('%s', async (text, expected) => {
    expect(await run(text)).toEqual([expected]);
  });
});

describe('output', () => {
  test('of one item is that item, and of none is null', async () => {
    const shape = (many: number) =>
      run(`$a = Get-Sample -Many ${many}; ConvertTo-Json -InputObject $a -Compress`);
    expect(await shape(0)).toEqual(['null']);
    expect(await shape(1)).toEqual(['0']);
    expect(await shape(2)).toEqual(['[0,1]']);
  });

  test('stays a list in @( ), in a hashtable too', async () => {
    expect(await run('ConvertTo-Json -InputObject @{ a = @(Get-Sample -Many 1) } -Compress')).toEqual([
      '{"a":[0]}',
    ]);
  });

  test('of a function comes apart', async () => {
    expect(await run('function A { @(Get-Sample -Many 1) }\n$a = A\nConvertTo-Json -InputObject $a')).toEqual(
      ['0'],
    );
  });

  test('goes through pipes', async () => {
    expect(await run('Get-Sample -Many 4 | Where-Object { $_ -gt 1 } | ForEach-Object { "x$_" }')).toEqual([
      'x2',
      'x3',
    ]);
  });
});

describe('JSON', () => {
  test('has numbers for enums, and text for what lies too deep', async () => {
    expect(await run('ConvertTo-Json -InputObject @{ a = (Get-Enum); b = "$(Get-Enum)" } -Compress')).toEqual(
      ['{"a":3,"b":"Off"}'],
    );
    expect(
      await run('ConvertTo-Json -InputObject @{ a = @{ b = @{ c = @{ d = 1 } } } } -Depth 1 -Compress'),
    ).toEqual(['{"a":{"b":"System.Collections.Hashtable"}}']);
  });

  test('takes texts that look like dates for dates', async () => {
    const [text] = await run(`$a = '{"a":"2024-05-01T10:00:00"}' | ConvertFrom-Json\n"$($a.a)"`);
    expect(text).toMatch(/^5\/1\/2024/);
  });
});

describe('commands', () => {
  test('take their parameters by name and place, in the sets that there are', async () => {
    expect(await run("Set-Sample 'a' 'b' -Force")).toEqual(['a|b|null|true']);
    expect(await run("Set-Sample -Force:$false -Id 'i'")).toEqual(['null|null|i|false']);
    expect(await run("$more = @{ VM = 'v'; Force = $true }\nSet-Sample -Name 'n' @more")).toEqual([
      'v|n|null|true',
    ]);
  });

  test.each([
    ["Set-Sample -Id 'i' -VM 'v'", 'AmbiguousParameterSet,Sample'],
    ["Set-Sample 'a' 'b' 'c'", 'AmbiguousParameterSet,Sample'],
    ['Set-Sample', 'AmbiguousParameterSet,Sample'],
    ["Set-Sample -VM 'v' -Forc", 'NamedParameterNotFound,Sample'],
    ['Hyper-V\\Get-VM', 'CouldNotAutoLoadModule'],
    ['Get-Nothing', 'CommandNotFoundException'],
    ["throw 'VmtestX 3'", 'VmtestX 3'],
  ])('%s fails with %s', async (text, id) => {
    expect(await run(`try { ${text} } catch { $_.FullyQualifiedErrorId }`)).toEqual([id]);
  });

  test('that are told to be silent are', async () => {
    expect(await run('Get-Failure -ErrorAction SilentlyContinue\n7')).toEqual([7]);
  });
});

test('what is not in the subset is no error that a script could catch', async () => {
  await expect(run("try { [IO.File]::Delete('x') } catch { 1 }")).rejects.toThrow('[io.file]::Delete');
});
