import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../../matrix/engine-schema.ts';
import { retype } from '../../../matrix/retype.ts';
import { withDefaults } from '../../../matrix/schema-walk.ts';
import { file, matrixOf } from './support.ts';

describe('retype', () => {
  const typed = (schema: JsonSchema, text: string) =>
    retype({ a: text }, { properties: { a: schema } }, () => true, []);

  it.each<[JsonSchema, string, unknown]>([
    [{ type: 'integer' }, '12', 12],
    [{ type: 'integer' }, '-1', -1],
    [{ type: 'integer' }, '1.5', '1.5'],
    [{ type: 'integer' }, '', ''],
    [{ type: 'integer' }, '0x10', '0x10'],
    [{ type: 'number' }, '1.5', 1.5],
    [{ type: 'number' }, 'NaN', 'NaN'],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'yes', 'yes'],
    [{ type: 'string' }, '12', '12'],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, '12', '12'],
    [{ anyOf: [{ type: 'string', const: 'auto' }, { type: 'integer' }] }, '12', 12],
    [{ anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'boolean' }] }, 'false', false],
  ])('%j takes %j as %j', (schema, text, value) => {
    expect(typed(schema, text)).toEqual({ a: value });
  });

  it('leaves alone what is no look-up, or not in the schema', () => {
    const schema: JsonSchema = { properties: { a: { type: 'integer' } } };
    expect(retype({ a: '12' }, schema, () => false, [])).toEqual({ a: '12' });
    expect(retype({ b: '12', c: [null, '1'] }, schema, () => true, [])).toEqual({ b: '12', c: [null, '1'] });
  });
});

describe('defaults', () => {
  it('are filled into maps and the items of lists', () => {
    const item: JsonSchema = { type: 'object', properties: { a: { type: 'integer', default: 1 } } };
    const schema: JsonSchema = { properties: { list: { type: 'array', items: item }, one: item } };
    expect(withDefaults({ list: [{}, { a: 2 }] }, schema)).toEqual({ list: [{ a: 1 }, { a: 2 }] });
    expect(withDefaults({ one: {} }, schema)).toEqual({ one: { a: 1 } });
  });

  it('are not shared between files', () => {
    matrixOf(file()).limits.engines['qemu'] = 1;
    expect(matrixOf(file()).limits.engines).toEqual({});
  });
});
