import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openReporter, parseReporter, REPORTERS } from '../../../reporters/registry.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { Printed } from './print.ts';
import { cellInfo, cellStory, passing, runStory, suite, tested } from './script.ts';

test('the table', () => {
  expect(Object.entries(REPORTERS).map(([name, { writes }]) => [name, writes])).toEqual([
    ['terminal', 'stdout'],
    ['plain', 'stdout'],
    ['junit', 'junit.xml'],
    ['json', 'results.json'],
    ['ctrf', 'ctrf.json'],
    ['html', 'report.html'],
    ['github', 'stdout'],
    ['events', 'events.ndjson'],
  ]);
  for (const { description } of Object.values(REPORTERS)) expect(description).toMatch(/^\S.{10,60}$/);
});

describe('--reporter', () => {
  test.each([
    ['plain', { name: 'plain' }],
    ['junit=build/junit.xml', { name: 'junit', path: 'build/junit.xml' }],
    ['junit=a=b.xml', { name: 'junit', path: 'a=b.xml' }],
  ])('%s', (text, request) => {
    expect(parseReporter(text)).toEqual(request);
  });

  test('without a path after its =', () => {
    expect(() => parseReporter('junit=')).toThrow(expect.objectContaining({ code: 'REPORTER_WITHOUT_PATH' }));
  });
});

describe('openReporter', () => {
  const { events } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);

  // Annotations go to the standard output, the summary to the file; events name the time, and pages link to where the
  // files are seen from: they have tests of their own.
  const others = ['github', 'events', 'html'];
  test.each(Object.entries(REPORTERS).filter(([name]) => !others.includes(name)))(
    '%s writes where the table says, and where it is told',
    async (name, { writes }) => {
      const output = await scratchFolder();
      const stdout = new Printed();
      const context = { output, cwd: output, stdout, stderr: new Printed(), color: false };
      for (const path of [undefined, 'my/own.file']) {
        const request = path === undefined ? { name } : { name, path };
        const { reporter } = await openReporter(request, context);
        for (const event of events) reporter.onEvent?.(event);
        await reporter.finish?.();
      }
      const usual = writes === 'stdout' ? stdout.text : await readFile(join(output, writes), 'utf8');
      expect(usual).not.toBe('');
      expect(await readFile(join(output, 'my/own.file'), 'utf8')).toBe(usual);
      if (writes !== 'stdout') expect(stdout.text).toBe('');
    },
  );

  test.each(['html5', '', '__proto__', 'constructor'])('there is no %j', async (name) => {
    const context = { output: '/nowhere', stdout: new Printed(), stderr: new Printed(), color: false };
    await expect(openReporter({ name }, context)).rejects.toMatchObject({
      code: 'UNKNOWN_REPORTER',
      hint: expect.stringMatching(/^Reporters: terminal, plain, junit, json, ctrf, html, github, events; /),
    });
  });
});
