/** What the scripts in `scripts/` answer, as far as anybody reads it. */
import { isText } from '../../src/host/shapes.ts';

type Fields = Readonly<Record<string, unknown>>;

const SHAPES = {
  address: ({ addresses }) => Array.isArray(addresses),
  clone: ({ id }) => isText(id),
  direct: ({ text }) => isText(text),
  find: ({ rights, all, found }) =>
    typeof rights === 'boolean' && isList(all, isNamed) && isList(found, isVm),
  'power-off': anything,
  probe: ({ shell, module, service, rights }) =>
    isText(shell) && isTextOrNull(module) && isTextOrNull(service) && typeof rights === 'boolean',
  remove: anything,
  restore: anything,
  screenshot: ({ pixels }) => isText(pixels),
  session: ({ process }) => process === null || typeof process === 'number',
  shutdown: anything,
  start: anything,
  state: ({ state, operation }) => isText(state) && isText(operation),
} satisfies Readonly<Record<string, (answer: Fields) => boolean>>;

export type Script = keyof typeof SHAPES;

/** Whether an answer is one of that script. */
export function fits(script: Script, answer: unknown): boolean {
  return isObject(answer) && SHAPES[script](answer);
}

function anything(): boolean {
  return true;
}

function isVm(vm: Fields): boolean {
  return isNamed(vm) && isText(vm['state']) && isList(vm['snapshots'], isNamed);
}

function isNamed({ id, name }: Fields): boolean {
  return isText(id) && isText(name);
}

function isList(value: unknown, isItem: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isObject(item) && isItem(item));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}
