/** Commands for this host: its modules, services and files. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasFault } from '../faults.ts';
import { cmdlet } from '../runtime/cmdlet.ts';
import { PsError } from '../runtime/errors.ts';
import { EnumValue, PsObject, toText } from '../runtime/values.ts';

const MANAGEMENT = 'Microsoft.PowerShell.Commands';

export const system = [
  cmdlet(
    'Get-Module',
    `${MANAGEMENT}.GetModuleCommand`,
    ['[[-Name] <String[]>] [-ListAvailable]'],
    ({ given }) => {
      const found =
        toText(given.get('Name')) === 'Hyper-V' && given.isOn('ListAvailable') && !hasFault('no-module');
      return found ? [new PsObject('PSModuleInfo', { Name: 'Hyper-V', Version: '2.0.0.0' })] : [];
    },
  ),
  cmdlet('Get-Service', `${MANAGEMENT}.GetServiceCommand`, ['[[-Name] <String[]>]'], ({ given }) => {
    const name = toText(given.get('Name'));
    if (name === 'vmms' && !hasFault('no-module'))
      return [
        new PsObject('ServiceController', {
          Name: 'vmms',
          Status: hasFault('no-service') ? new EnumValue('Stopped', 1) : new EnumValue('Running', 4),
        }),
      ];
    throw new PsError(
      `Cannot find any service with service name '${name}'.`,
      `NoServiceFoundForGivenName,${MANAGEMENT}.GetServiceCommand`,
      'ObjectNotFound',
    );
  }),
  cmdlet(
    'Join-Path',
    `${MANAGEMENT}.JoinPathCommand`,
    ['[-Path] <String[]> [-ChildPath] <String>'],
    ({ given }) => [join(toText(given.get('Path')), toText(given.get('ChildPath')))],
  ),
  cmdlet('Test-Path', `${MANAGEMENT}.TestPathCommand`, ['-LiteralPath <String[]>'], ({ given }) => [
    existsSync(toText(given.get('LiteralPath'))),
  ]),
  cmdlet(
    'Remove-Item',
    `${MANAGEMENT}.RemoveItemCommand`,
    ['-LiteralPath <String[]> [-Force]'],
    async ({ given }) => {
      await rm(toText(given.get('LiteralPath')));
      return [];
    },
  ),
];
