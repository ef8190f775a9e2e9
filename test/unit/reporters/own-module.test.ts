import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isModulePath } from '../../../reporters/own-module.ts';
import { openReporter, parseReporter } from '../../../reporters/registry.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Printed } from './print.ts';
import { cellInfo, cellStory, passing, runStory, suite, tested } from './script.ts';

test.each([
  ['./mine.mjs', true],
  ['mine.js', true],
  ['mine.ts', true],
  ['/abs/mine', true],
  ['..\\mine.cjs', true],
  ['plain', false],
  ['html5', false],
])('%s is a path: %s', (name, expected) => {
  expect(isModulePath(name)).toBe(expected);
});

async function openOwn(code: string, name = 'mine.mjs', path = '') {
  const cwd = await scratchFolder();
  await mkdir(join(cwd, 'lib'));
  await writeFile(join(cwd, 'lib', name), code);
  const context = { output: cwd, cwd, stdout: new Printed(), stderr: new Printed(), color: false };
  return { cwd, opening: openReporter(parseReporter(`./lib/${name}${path}`), context) };
}

const WRITES = `
  let count = 0;
  return {
    onEvent() { count += 1; },
    async finish() { (await import('node:fs')).writeFileSync(path, String(count)); },
  };`;

test.each([
  ['mine.mjs', `export function createReporter({ path }) {${WRITES}}`],
  ['default.mjs', `export default ({ path }) => {${WRITES}}`],
  ['common.cjs', `exports.createReporter = ({ path }) => {${WRITES}}`],
])('%s hears every event, and is told its path', async (name, code) => {
  const { cwd, opening } = await openOwn(code, name, '=out/count.txt');
  await mkdir(join(cwd, 'out'));
  const { reporter } = await opening;
  const { events } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);
  for (const event of events) reporter.onEvent?.(event);
  await reporter.finish?.();
  expect(await readFile(join(cwd, 'out/count.txt'), 'utf8')).toBe(String(events.length));
});

test.each([
  ['throws', 'throw new Error("no luck")', 'REPORTER_NOT_LOADED'],
  ['is no JavaScript', 'export const = 1', 'REPORTER_NOT_LOADED'],
  ['exports nothing', 'export const x = 1', 'NOT_A_REPORTER'],
  ['makes no reporter', 'export const createReporter = () => 7', 'NOT_A_REPORTER'],
])('a module that %s', async (_what, code, expected) => {
  const { opening } = await openOwn(code);
  await expect(opening).rejects.toMatchObject({ code: expected });
});

test('a module that is not there', async () => {
  const cwd = await scratchFolder();
  const context = { output: cwd, cwd, stdout: new Printed(), stderr: new Printed(), color: false };
  await expect(openReporter({ name: './no.mjs' }, context)).rejects.toMatchObject({
    code: 'REPORTER_NOT_LOADED',
  });
});
