/** The few types and methods of .NET that the scripts use. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parseScript } from '../language/parse-statement.ts';
import { readStdin, writeStdout } from '../streams.ts';
import { NotInSubset, PsError } from './errors.ts';
import { rights } from './rights.ts';
import {
  Guid,
  Hashtable,
  type Method,
  PsObject,
  ScriptBlock,
  TypeName,
  toText,
  type Value,
} from './values.ts';

export function castTo(type: string, value: Value): Value {
  switch (type.toLowerCase()) {
    case 'guid':
      return toGuid(value);
    case 'uint16':
      return toUint16(value);
    default:
      throw new NotInSubset(`a cast to [${type}]`);
  }
}

function toGuid(value: Value): Guid {
  const text = toText(value);
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return new Guid(text);
  throw new PsError(
    `Cannot convert value "${text}" to type "System.Guid".`,
    'InvalidCastParseTargetInvocation',
  );
}

function toUint16(value: Value): number {
  const number = Number(toText(value));
  if (Number.isInteger(number) && number >= 0 && number < 65_536) return number;
  throw new PsError(
    `Cannot convert value "${toText(value)}" to type "System.UInt16".`,
    'InvalidCastIConvertible',
  );
}

export function member(of: Value, name: string): Value {
  if (of === null) return null;
  if (of instanceof Hashtable || of instanceof PsObject) return of.get(name);
  if (Array.isArray(of) && name.toLowerCase() === 'count') return of.length;
  if (of instanceof Uint8Array && name.toLowerCase() === 'length') return of.length;
  throw new NotInSubset(`.${name} of ${toText(of)}`);
}

export function readStatic(type: TypeName, name: string): Value {
  const found = STATICS[`${type.name}::${name.toLowerCase()}`];
  if (found === undefined) throw new NotInSubset(`[${type.name}]::${name}`);
  return found();
}

export function writeStatic(type: TypeName, name: string, value: Value): void {
  const write = WRITES[`${type.name}::${name.toLowerCase()}`];
  if (!write) throw new NotInSubset(`[${type.name}]::${name} =`);
  write(value);
}

/** Types that only some scripts use. Names are in lower case: `io.file::open`. */
export interface DotnetTypes {
  statics?: Record<string, () => Value>;
  methods?: Record<string, Method>;
  writes?: Record<string, (value: Value) => void>;
}

/** Adds types for the rest of this process; they come before those known already. */
export function provide({ statics = {}, methods = {}, writes = {} }: DotnetTypes): void {
  Object.assign(STATICS, statics);
  Object.assign(METHODS, methods);
  Object.assign(WRITES, writes);
}

const WRITES: Record<string, (value: Value) => void> = {};

export function callMethod(of: Value, name: string, args: Value[]): Value | Promise<Value> {
  if (of instanceof TypeName) return callStatic(of, name, args);
  if (of instanceof PsObject) {
    const method = of.method(name);
    if (method) return method(...args);
  }
  if (typeof of === 'string' && name.toLowerCase() === 'replace' && args.length === 2)
    return of.replaceAll(toText(args[0] ?? null), toText(args[1] ?? null));
  if (of === null)
    throw new PsError('You cannot call a method on a null-valued expression.', 'InvokeMethodOnNull');
  throw new NotInSubset(`.${name}(…) of ${toText(of)}`);
}

function callStatic(type: TypeName, name: string, args: Value[]): Value | Promise<Value> {
  const found = METHODS[`${type.name}::${name.toLowerCase()}`];
  if (!found || found.length !== args.length)
    throw new NotInSubset(`[${type.name}]::${name} of ${args.length}`);
  return found(...args);
}

const STATICS: Record<string, () => Value> = {
  'console::in': () => new PsObject('TextReader', {}, { methods: { ReadToEnd: () => readStdin() } }),
  'text.encoding::utf8': () =>
    new PsObject(
      'UTF8Encoding',
      {},
      {
        methods: {
          GetBytes: (text = null) => Buffer.from(toText(text), 'utf8'),
          GetString: (bytes = null) => Buffer.from(bytes as Uint8Array).toString('utf8'),
        },
      },
    ),
};

const METHODS: Record<string, Method> = {
  'console::openstandardoutput': () =>
    new PsObject(
      'Stream',
      {},
      {
        methods: {
          Write: (bytes = null, from = 0, length = 0) => {
            writeStdout((bytes as Uint8Array).subarray(Number(from), Number(from) + Number(length)));
            return null;
          },
          Flush: () => null,
        },
      },
    ),
  'convert::frombase64string': (text: Value) => fromBase64(toText(text)),
  'convert::tobase64string': (bytes: Value) => Buffer.from(bytes as Uint8Array).toString('base64'),
  'io.file::readalltext': (path: Value) => readFileSync(toText(path), 'utf8'),
  'management.automation.pscredential::new': (user: Value, password: Value) =>
    new PsObject('PSCredential', { UserName: user, Password: password }),
  'scriptblock::create': (text: Value) =>
    new ScriptBlock({ parameters: [], statements: parseScript(toText(text)) }),
  'io.path::getextension': (path: Value) => extname(toText(path)),
  'security.principal.windowsidentity::getcurrent': () => new PsObject('WindowsIdentity', {}),
  'security.principal.securityidentifier::new': (sid: Value) =>
    new PsObject('SecurityIdentifier', {}, { text: toText(sid) }),
  'security.principal.windowsprincipal::new': (_identity: Value) =>
    new PsObject('WindowsPrincipal', {}, { methods: { IsInRole: (sid = null) => rights(toText(sid)) } }),
};

function fromBase64(text: string): Uint8Array {
  if (/^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(text)) return Buffer.from(text, 'base64');
  throw new PsError('The input is not a valid Base-64 string.', 'FormatException');
}
