import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createReporter } from '../../../reporters/junit.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { all, parseXml } from '../../support/xml-tree.ts';
import { play } from './print.ts';
import {
  broken,
  cellInfo,
  cellStory,
  failing,
  idleCell,
  passing,
  runStory,
  suite,
  tested,
} from './script.ts';

const STORY = runStory([
  cellStory(cellInfo('a/node=22', 0), [tested(1, [suite('s', passing('p'), failing('f', 'no'))])]),
  cellStory(cellInfo('b', 1), [broken(1, 'boot', { code: 'X', message: 'x' })]),
  idleCell(cellInfo('c', 2), { outcome: 'cancelled', reason: 'fail-fast' }),
]);

const names = async (path: string) =>
  all(parseXml(await readFile(path, 'utf8')), 'testcase').map(
    ({ attributes }) => `${attributes['classname']} ${attributes['name']}`,
  );

/** Until the file is there, for reporters write behind the events. */
async function appears(path: string): Promise<void> {
  await expect.poll(() => readFile(path, 'utf8').catch(() => '')).toContain('</testsuites>');
}

describe('junit.xml', () => {
  test('is merged from all cells, and each cell has its own', async () => {
    const output = await scratchFolder();
    await play(createReporter, STORY.events, { output, cwd: output });
    expect(await names(join(output, 'junit.xml'))).toEqual([
      'a_node-22.s p',
      'a_node-22.s f',
      'b.vmtest boot',
      'c.vmtest cell',
    ]);
    expect(await names(join(output, 'cells/a_node-22/junit.xml'))).toEqual([
      'a_node-22.s p',
      'a_node-22.s f',
    ]);
    expect(await names(join(output, 'cells/b/junit.xml'))).toEqual(['b.vmtest boot']);
    expect(await names(join(output, 'cells/c/junit.xml'))).toEqual(['c.vmtest cell']);
    expect((await readdir(output)).toSorted()).toEqual(['cells', 'junit.xml']);
  });

  test('agrees with the counts of the run', async () => {
    const output = await scratchFolder();
    await play(createReporter, STORY.events, { output });
    const { attributes } = parseXml(await readFile(join(output, 'junit.xml'), 'utf8'));
    const { tests } = STORY.result.summary;
    expect(attributes).toEqual({
      name: 'vmtest',
      tests: String(tests.total),
      failures: String(tests.failed),
      errors: String(tests.error),
      time: '134.000',
    });
  });

  test('of a cell is there as soon as the cell has ended', async () => {
    const output = await scratchFolder();
    const reporter = createReporter({ output, stdout: process.stdout, stderr: process.stderr, color: false });
    const ended = STORY.events.findIndex((event) => event.type === 'cell:end');
    for (const event of STORY.events.slice(0, ended + 1)) reporter.onEvent?.(event);
    await appears(join(output, 'cells/a_node-22/junit.xml'));
    expect(await readdir(output)).toEqual(['cells']);
  });

  test('goes where it is told, the cells’ stay', async () => {
    const output = await scratchFolder();
    const path = join(output, 'build/reports/all.xml');
    await play(createReporter, STORY.events, { output, path });
    expect(await names(path)).toHaveLength(4);
    expect((await readdir(output)).toSorted()).toEqual(['build', 'cells']);
  });

  test('attachments are named from where CI starts vmtest, or whole', async () => {
    const output = join(await scratchFolder(), 'out');
    const attachment = async (cwd: string) => {
      await play(createReporter, STORY.events, { output, cwd });
      return /\[\[ATTACHMENT\|(.*?)\]\]/.exec(await readFile(join(output, 'junit.xml'), 'utf8'))?.[1];
    };
    expect(await attachment(join(output, '..'))).toBe('out/cells/a_node-22/output.log');
    expect(await attachment(join(output, 'elsewhere'))).toBe(`${output}/cells/a_node-22/output.log`);
  });

  test('a cell’s file that cannot be written is an error at the end, but the merged one is written', async () => {
    const output = await scratchFolder();
    await mkdir(join(output, 'cells'));
    await writeFile(join(output, 'cells/b'), 'in the way');
    await expect(play(createReporter, STORY.events, { output })).rejects.toMatchObject({
      code: 'REPORT_NOT_WRITTEN',
    });
    expect(await names(join(output, 'junit.xml'))).toHaveLength(4);
    expect(await names(join(output, 'cells/c/junit.xml'))).toHaveLength(1);
  });

  test('an older one is replaced as a whole or not at all', async () => {
    const output = await scratchFolder();
    await writeFile(join(output, 'junit.xml'), 'old');
    const broken = structuredClone(STORY.events) as RunEvent[];
    for (const event of broken) {
      // A result that breaks the writer in the middle.
      if (event.type === 'run:end')
        Object.assign(event.result.cells[2] ?? {}, { suites: [{ name: 's', cases: [null] }] });
    }
    await expect(play(createReporter, broken, { output })).rejects.toThrow();
    expect(await readFile(join(output, 'junit.xml'), 'utf8')).toBe('old');
    expect((await readdir(output)).toSorted()).toEqual(['cells', 'junit.xml']);
  });
});
