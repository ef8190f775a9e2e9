/** The scripts in `scripts/`, each with its request in front. What a script is told is data: base64 between quotes, and numbers. */
import { readFile } from 'node:fs/promises';
import { packageFile } from '../../host/this-package.ts';

const NAMES = ['clock', 'kill', 'list', 'pack', 'probe', 'remove', 'run', 'unpack'] as const;

export type ScriptName = (typeof NAMES)[number];

/** Texts of people, and of any kind. */
export class Text {
  readonly base64: string;

  constructor(text: string) {
    this.base64 = Buffer.from(text, 'utf8').toString('base64');
  }
}

/** `string`: words of ours without quotes in them, and base64. */
export type RequestValue = string | number | boolean | Text | readonly RequestValue[] | Request;

export interface Request {
  readonly [name: string]: RequestValue;
}

/** Makes the script that answers a request. */
export type Scripts = (name: ScriptName, request: Request) => string;

export async function loadScripts(): Promise<Scripts> {
  const [common, ...bodies] = await Promise.all(['common', ...NAMES].map(read));
  const byName = new Map(NAMES.map((name, index) => [name, bodies[index]]));
  return (name, request) => `${common}$request = ${literal(request)}\n${byName.get(name)}`;
}

function read(name: string): Promise<string> {
  return readFile(packageFile(`src/guest/windows/scripts/${name}.ps1`), 'utf8');
}

function literal(value: RequestValue): string {
  if (value instanceof Text) return `'${value.base64}'`;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? '$true' : '$false';
  if (typeof value === 'string') return plain(value);
  if (isList(value)) return `@(${value.map(literal).join(', ')})`;
  return `@{ ${Object.entries(value)
    .map(([name, each]) => `${name} = ${literal(each)}`)
    .join('; ')} }`;
}

function isList(value: readonly RequestValue[] | Request): value is readonly RequestValue[] {
  return Array.isArray(value);
}

function plain(word: string): string {
  if (!/^[\w+/=.:\\~-]*$/.test(word)) throw new Error(`not a plain word: ${word}`);
  return `'${word}'`;
}
