/** No cell of the tables of engines claims more than a test shows. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { engines } from '../../../drivers/registry.ts';
import { type Ability, PROOFS } from '../../../scripts/schema/proofs.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

/** With what it imports from beside it or from `support/`: somewhere there a stand-in is put into the PATH, or none. */
async function withHelpers(path: string): Promise<string> {
  const text = await read(path);
  const helpers = [...text.matchAll(/from '((?:\.\/|\.\.\/(?:\.\.\/)?(?:support|engine)\/)[^']*)'/g)];
  const texts = helpers.map(([, helper = '']) => read(new URL(helper, new URL(path, root)).pathname));
  return [text, ...(await Promise.all(texts))].join('\n');
}

test('every engine is there, and no other', () => {
  expect(Object.keys(PROOFS)).toEqual(Object.keys(engines));
});

describe.each(Object.entries(PROOFS))('%s', (name, proofs) => {
  test('shows what it says it can do, and nothing else', async () => {
    const { capabilities } = await (engines[name] as (typeof engines)[string]).load();
    const { parallel: _parallel, ...abilities } = capabilities;
    const said = Object.entries(abilities).flatMap(([ability, able]) => (able ? [ability] : []));
    expect(Object.keys(proofs).sort()).toEqual(name === 'fake' ? [] : said.sort());
  });

  test.each(Object.entries(proofs))(
    '%s: by a test that is there, on what it says',
    async (_ability, proof) => {
      const { by, test: path, name: title } = proof as (typeof PROOFS)[string][Ability] & object;
      const text = await read(path);
      const titles = path.startsWith('test/contract/')
        ? text + (await read('test/contract/machine-examples.ts'))
        : text;
      expect(titles).toContain(title);
      expect((await withHelpers(path)).includes('standins/')).toBe(by === 'tool' || by === 'stand-in');
    },
  );
});

test('only VirtualBox has a real tool to be held against', async () => {
  const held = Object.entries(PROOFS).filter(([, proofs]) =>
    Object.values(proofs).some(({ by }) => by === 'tool'),
  );
  expect(held.map(([name]) => name)).toEqual(['virtualbox']);
  expect(await read('test/engine/virtualbox/real-and-stand-in.test.ts')).toContain(
    'the real VBoxManage and its stand-in',
  );
});
