import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createReporter } from '../../../reporters/html.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { play } from './print.ts';
import { cellInfo, cellStory, failing, runStory, suite, tested } from './script.ts';

const { events } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', failing('f', 'no'))])])]);

describe('report.html', () => {
  test('is one file, told to load nothing, named after how it ended', async () => {
    const output = await scratchFolder();
    await play(createReporter, events, { output });
    expect(await readdir(output)).toEqual(['report.html']);
    const page = await readFile(join(output, 'report.html'), 'utf8');
    expect(page).toContain('<title>failed: matrix.yml</title>');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<link[^>]+stylesheet|<script[^>]+src=|@import/);
  });

  test('of a run that never ended is not written', async () => {
    const output = await scratchFolder();
    await play(createReporter, events.slice(0, -1), { output });
    expect(await readdir(output)).toEqual([]);
  });

  test('goes where it is told', async () => {
    const output = await scratchFolder();
    await play(createReporter, events, { output, path: join(output, 'public', 'index.html') });
    expect(await readdir(join(output, 'public'))).toEqual(['index.html']);
  });
});
