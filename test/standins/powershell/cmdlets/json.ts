/** `ConvertTo-Json` and `ConvertFrom-Json`, with their quirks. */

import { cmdlet } from '../runtime/cmdlet.ts';
import { PsError } from '../runtime/errors.ts';
import { EnumValue, Guid, Hashtable, PsObject, toText, type Value } from '../runtime/values.ts';

export const json = [
  cmdlet(
    'ConvertTo-Json',
    'Microsoft.PowerShell.Commands.ConvertToJsonCommand',
    ['[-InputObject] <Object> [-Depth <Int32>] [-Compress]'],
    ({ given }) => {
      const depth = Number(toText(given.get('Depth')) || '2');
      const plain = toPlain(given.get('InputObject'), depth);
      return [JSON.stringify(plain, null, given.isOn('Compress') ? 0 : 2)];
    },
  ),
  cmdlet('ConvertFrom-Json', 'Microsoft.PowerShell.Commands.ConvertFromJsonCommand', [''], ({ input }) => {
    const text = input.map(toText).join('\n');
    try {
      return [fromPlain(JSON.parse(text))];
    } catch (error) {
      throw new PsError(
        `Conversion from JSON failed with error: ${(error as Error).message}`,
        'System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand',
        'InvalidArgument',
      );
    }
  }),
];

/** Enums are numbers; what lies deeper than asked for is text. */
function toPlain(value: Value, depth: number): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof EnumValue) return value.number;
  if (value instanceof Guid) return value.text;
  if (value instanceof Uint8Array) return [...value];
  if (depth < 0) return toText(value);
  if (Array.isArray(value)) return value.map((each) => toPlain(each, depth - 1));
  if (value instanceof Hashtable)
    return Object.fromEntries(
      Object.entries(value.toObject()).map(([key, each]) => [key, toPlain(each, depth - 1)]),
    );
  return toText(value);
}

const ISO_DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

function fromPlain(value: unknown): Value {
  // PowerShell 7 makes a date of it, whose text is the American one.
  if (typeof value === 'string' && ISO_DATE.test(value)) return new Date(value).toLocaleString('en-US');
  if (value === null || typeof value !== 'object') return value as Value;
  if (Array.isArray(value)) return value.map(fromPlain);
  return new PsObject(
    'PSCustomObject',
    Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fromPlain(each)])),
  );
}
