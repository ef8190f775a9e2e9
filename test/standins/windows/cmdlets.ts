/** What the scripts for guests use of PowerShell's own commands. */
import { lstatSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cmdlet } from '../powershell/runtime/cmdlet.ts';
import { PsError } from '../powershell/runtime/errors.ts';
import { PsObject, toText, type Value } from '../powershell/runtime/values.ts';
import { drive, hasFault } from './environment.ts';
import { fromHost, toHost } from './paths.ts';
import { findProgram } from './programs.ts';
import { ioError } from './streams.ts';

const MANAGEMENT = 'Microsoft.PowerShell.Commands';

function item(path: string): PsObject {
  const stats = lstatSync(path);
  const link = stats.isSymbolicLink();
  return new PsObject('FileSystemInfo', {
    Name: path.slice(path.lastIndexOf('/') + 1),
    FullName: fromHost(path),
    PSIsContainer: link ? isFolder(path) : stats.isDirectory(),
    LinkType: link ? 'SymbolicLink' : null,
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function test(path: string, type: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return false;
  return type === '' || (type === 'Container') === stats.isDirectory();
}

export const guestCmdlets = [
  cmdlet(
    'Test-Path',
    `${MANAGEMENT}.TestPathCommand`,
    ['-LiteralPath <String[]> [-PathType <TestPathType>]'],
    ({ given, scope }) => {
      const path = toText(given.get('LiteralPath'));
      const variable = /^variable:\\(\w+)$/.exec(path)?.[1];
      if (variable !== undefined) return [scope.get(variable) !== null];
      return [test(toHost(path), toText(given.get('PathType')))];
    },
  ),
  cmdlet(
    'Get-ChildItem',
    `${MANAGEMENT}.GetChildItemCommand`,
    ['-LiteralPath <String[]> [-Force]'],
    ({ given }) => {
      const folder = toHost(toText(given.get('LiteralPath')));
      return ioError(() => readdirSync(folder)).map((name) => item(join(folder, name)));
    },
  ),
  cmdlet(
    'Remove-Item',
    `${MANAGEMENT}.RemoveItemCommand`,
    ['-LiteralPath <String[]> [-Recurse] [-Force]'],
    ({ given }) => {
      const recursive = given.isOn('Recurse');
      ioError(() => rmSync(toHost(toText(given.get('LiteralPath'))), { recursive }));
      return [];
    },
  ),
  cmdlet(
    'New-Item',
    `${MANAGEMENT}.NewItemCommand`,
    ['-ItemType <String> -Path <String[]> -Value <Object>'],
    ({ given }) => {
      const [path, target] = [toHost(toText(given.get('Path'))), toHost(toText(given.get('Value')))];
      if (toText(given.get('ItemType')) !== 'SymbolicLink')
        throw new PsError('another kind of item', 'ArgumentException');
      if (hasFault('no-links'))
        throw new PsError(
          'Administrator privilege required for this operation.',
          'NewItemSymbolicLinkElevationRequired',
        );
      if (!statSync(target, { throwIfNoEntry: false }))
        throw new PsError(
          `Cannot find path '${fromHost(target)}' because it does not exist.`,
          'PathNotFound',
        );
      ioError(() => symlinkSync(target, path));
      return [item(path)];
    },
  ),
  cmdlet('Set-Date', `${MANAGEMENT}.SetDateCommand`, ['-Date <DateTime>'], ({ given }) => {
    if (hasFault('no-clock'))
      throw new PsError(
        'A required privilege is not held by the client.',
        'System.ComponentModel.Win32Exception',
      );
    writeFileSync(join(drive(), 'date'), toText(given.get('Date')));
    return [given.get('Date')];
  }),
  cmdlet(
    'Get-Command',
    `${MANAGEMENT}.GetCommandCommand`,
    ['-Name <String[]> -CommandType <CommandTypes>'],
    ({ given }): Value[] => {
      const name = toText(given.get('Name'));
      const path = findProgram(name);
      if (path !== undefined) return [new PsObject('ApplicationInfo', { Path: path })];
      throw new PsError(
        `The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program.`,
        'CommandNotFoundException',
        'ObjectNotFound',
      );
    },
  ),
  cmdlet('Select-Object', `${MANAGEMENT}.SelectObjectCommand`, ['-First <Int32>'], ({ given, input }) =>
    input.slice(0, Number(toText(given.get('First')))),
  ),
];
