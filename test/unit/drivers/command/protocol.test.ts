/** The protocol as people read it: the page and its examples are what the program holds answers to. */
import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { publishedProtocol } from '../../../../drivers/command/protocol.ts';
import { DEADLINES, NEEDED_VERBS, OPTIONAL_VERBS, VERBS } from '../../../../drivers/command/verbs.ts';

const { definitions } = publishedProtocol() as {
  definitions: Record<string, { examples?: object[]; properties: object }>;
};

function isValid(name: string, value: unknown): boolean {
  return new Ajv({ strict: false }).validate(definitions[name] as object, value);
}

const page = await readFile(new URL('../../../../docs/engines/command.md', import.meta.url), 'utf8');

test('every example of an answer is one', () => {
  for (const [name, { examples = [] }] of Object.entries(definitions)) {
    for (const example of examples)
      expect([name, example, isValid(name, example)]).toEqual([name, example, true]);
  }
  expect(Object.keys(definitions)).toHaveLength(VERBS.length - 1 + 2);
});

test('the answer to probe on the page is one, and shows every key', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const answer: object = JSON.parse(json);
  expect(isValid('probe-answer', answer)).toBe(true);
  expect(Object.keys(answer).sort()).toEqual(
    Object.keys(definitions['probe-answer']?.properties ?? {}).sort(),
  );
});

test('the page has a row for every verb, with its deadline, and says which are needed', () => {
  const rows = VERBS.map((verb) => page.match(new RegExp(`^\\| \`${verb}\` .*$`, 'm'))?.[0] ?? `no ${verb}`);
  for (const [index, verb] of VERBS.entries()) {
    const row = rows[index] as string;
    const isNeeded = verb === 'probe' || (NEEDED_VERBS as readonly string[]).includes(verb);
    expect([verb, row.includes('| needed')]).toEqual([verb, isNeeded]);
    if (verb === 'exec') continue;
    const seconds = DEADLINES[verb] / 1_000;
    expect(row).toContain(seconds < 60 ? `${seconds} s` : `${seconds / 60} min`);
  }
  expect([...OPTIONAL_VERBS, ...NEEDED_VERBS, 'probe'].sort()).toEqual([...VERBS].sort());
});
