/** `report.html` in a real browser: what a person clicks, types and reads, and what no guest can make it do. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createReporter } from '../../reporters/html.ts';
import { compare } from '../../src/results/compare.ts';
import type { CellResult, RunResult } from '../../src/results/model.ts';
import { launchChromium, openFile } from '../support/chromium.ts';
import { project } from '../support/project.ts';
import { sampleRun } from '../support/sample-run.ts';
import { scratchFolder } from '../support/scratch.ts';
import { cellInfo, cellStory, failing, passing, runStory, suite, tested } from '../unit/reporters/script.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** @param files of the output folder. */
async function writeReport(
  result: RunResult,
  files: Record<string, string | Buffer> = {},
  folder?: string,
): Promise<string> {
  const output = folder ?? (await scratchFolder());
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(output, path, '..'), { recursive: true });
    await writeFile(join(output, path), content);
  }
  const reporter = createReporter({ output, stdout: process.stdout, stderr: process.stderr, color: false });
  const { run, cells } = result;
  reporter.onEvent?.({ type: 'run:start', run, cells, output, expected: {} });
  reporter.onEvent?.({ type: 'run:end', result });
  await reporter.finish?.();
  return join(output, 'report.html');
}

/** A page that must have made no trouble by the end of the test. */
async function open(report: string, hash = '', options: Parameters<typeof openFile>[3] = {}) {
  const { page, trouble } = await openFile(browser, report, hash, options);
  onTestFinished(async () => {
    await page.context().close();
    expect(trouble).toEqual([]);
  });
  return page;
}

test('changes since an earlier run are told, bad ones at once', async () => {
  const result = sampleRun({ targets: 2, tests: 5 });
  const { cells } = result;
  const earlier = { ...result, cells: cells.map((cell, place) => (place === 0 ? failedBefore(cell) : cell)) };
  const now = { ...result, cells: cells.map((cell, place) => (place === 1 ? failedBefore(cell) : cell)) };
  const page = await open(await writeReport({ ...now, comparison: compare(earlier, now) }));
  const section = page.getByRole('region', { name: /^Changes since 20261121t093000-4f1c/ });
  await section.getByText('newly failing: 1 cell').waitFor();
  expect(await section.getByText(cells[1]?.id ?? '', { exact: true }).isVisible()).toBe(true);
  expect(await section.getByText(cells[0]?.id ?? '', { exact: true }).isVisible()).toBe(false);
  await section.getByText('fixed: 1 cell').click();
  expect(await section.getByText(cells[0]?.id ?? '', { exact: true }).isVisible()).toBe(true);
});

function failedBefore(cell: CellResult): CellResult {
  return { ...cell, outcome: 'failed' };
}

describe('500 cells of 100 tests', () => {
  const sample = sampleRun();
  const failed = sample.cells.find(({ tests }) => tests.failed === 3);
  const slug = failed?.slug ?? '';
  const log = Array.from(
    { length: 200 },
    (_, line) => `line ${line}${line % 50 === 7 ? ' Warning: hot' : ''}`,
  );
  let report: string;
  let folder: string;
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vmtest-html-'));
    const picture = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    if (failed)
      failed.files = {
        ...failed.files,
        screen: `cells/${slug}/screen.png`,
        artifacts: [`cells/${slug}/artifacts/a b.txt`],
      };
    const files = {
      [`cells/${slug}/output.log`]: log.join('\n'),
      [`cells/${slug}/console.log`]: 'Linux version 6.1\n',
      [`cells/${slug}/screen.png`]: picture,
      [`cells/${slug}/artifacts/a b.txt`]: 'an artifact\n',
    };
    report = await writeReport(sample, files, folder);
  });

  test('the overview tells how it went, and every cell has its place', async () => {
    const page = await open(report);
    const { failed: bad, error } = sample.summary.cells;
    expect(await page.locator('h1').textContent()).toBe(
      `Of 500 cells, ${bad} failed, ${error} could not be run`,
    );
    expect(await page.locator('.place').count()).toBe(500);
    expect(await page.locator('.place.failed').count()).toBe(bad);
    expect(await page.locator('.cause').first().textContent()).toContain(
      'The same 3 tests fail wherever libc is musl',
    );
  });

  test('a cause opens, and shows only its cells', async () => {
    const page = await open(report);
    const cause = page.locator('.cause').nth(1);
    await cause.locator('summary').click();
    expect(await cause.locator('pre').textContent()).toContain('Timeout: timed out after');
    await cause.getByRole('button', { name: 'Show only these cells' }).click();
    expect(await page.locator('.place:not(.dim)').count()).toBe(25);
    expect(await page.getByRole('status').first().textContent()).toBe('25 of 500 cells');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await page.locator('.place.dim').count()).toBe(0);
  });

  test('a click leads to the cell, "back" leads back', async () => {
    const page = await open(report);
    await page.locator(`.place[href='#/cell/${slug}']`).click();
    await page.locator('article.cell').waitFor();
    expect(new URL(page.url()).hash).toBe(`#/cell/${slug}`);
    expect(await page.locator('h1').textContent()).toContain(failed?.id);
    expect(await page.title()).toContain(`failed: ${failed?.id}`);
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    expect(await page.locator('details.test').count()).toBe(3);
    expect(await page.locator('.failure pre').first().textContent()).toContain('LoadError: dlopen');
    await page.goBack();
    await page.locator('table.heat').waitFor();
  });

  test('the page of a cell has phases, tests, logs, screen and files', async () => {
    const page = await open(report, `#/cell/${slug}`);
    await page.locator('article.cell').waitFor();
    expect(await page.locator('table.figures').textContent()).toMatch(/queue.*restore.*boot.*run.*collect/);
    expect(await page.locator('.rerun code').textContent()).toBe(`vmtest run ci/matrix.yml ${failed?.id}`);
    await page.getByText('97 passed').click();
    await expect.poll(() => page.locator('.test').count()).toBe(100);
    await expect.poll(() => page.evaluate('document.querySelector("img.screen").naturalWidth')).toBe(1);
    expect(await page.getByRole('link', { name: 'artifacts/a b.txt' }).getAttribute('href')).toBe(
      `cells/${slug}/artifacts/a%20b.txt`,
    );
    await page.getByRole('button', { name: 'artifacts/a b.txt' }).click();
    expect(await page.locator('pre.log').textContent()).toBe('an artifact\n');
  });

  test('a log is searched, and the search is in the address', async () => {
    const page = await open(report, `#/cell/${slug}`);
    await page.getByPlaceholder('Find in this log').fill('warning');
    expect(await page.locator('mark').allTextContents()).toEqual([
      'Warning',
      'Warning',
      'Warning',
      'Warning',
    ]);
    await page.getByRole('button', { name: 'Next match' }).click();
    expect(await page.locator('.logs [role=status]').textContent()).toBe('2 of 4');
    const again = await open(report, new URL(page.url()).hash);
    await again.locator('mark.now').waitFor();
    expect(await again.locator('pre.log').textContent()).toBe(log.join('\n'));
  });

  test('words, axes and outcomes filter, and their link shows the same', async () => {
    const page = await open(report);
    await page.getByRole('searchbox').fill('libc=musl node=2* -void');
    await expect.poll(() => page.url()).toContain('q=libc');
    await page.getByRole('button', { name: /failed/ }).click();
    const count = await page.locator('.place:not(.dim)').count();
    const expected = sample.cells.filter(
      ({ outcome, values, id }) =>
        outcome === 'failed' &&
        values['libc'] === 'musl' &&
        values['node']?.startsWith('2') &&
        !id.includes('void'),
    );
    expect(count).toBe(expected.length);
    const again = await open(report, new URL(page.url()).hash);
    expect(await again.locator('.place:not(.dim)').count()).toBe(count);
    expect(await again.getByRole('button', { name: /failed/ }).getAttribute('aria-pressed')).toBe('true');
    await again.getByRole('link', { name: 'Timeline' }).click();
    await again.locator('.gantt').waitFor();
    const attempts = expected.reduce((sum, cell) => sum + cell.attempts.length, 0);
    expect(await again.locator('a.bar').count()).toBe(attempts);
  });

  test('axes go where they are told', async () => {
    const page = await open(report);
    await page.getByLabel('target').selectOption('fold');
    await page.getByLabel('db').selectOption('rows');
    expect(await page.locator('.heat thead th').allTextContents()).toEqual(
      expect.arrayContaining(['libc', '20', '22', '24', '26', '3.10']),
    );
    const rows = new Set(sample.cells.map(({ values }) => `${values['libc']} ${values['db']}`)).size;
    expect(await page.locator('.heat tbody tr').count()).toBe(rows);
    const shared = page.locator('button.place').first();
    const label = await shared.getAttribute('aria-label');
    await shared.click();
    expect(await page.locator('dialog li').count()).toBe(Number.parseInt(label ?? '', 10));
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog').count()).toBe(0);
    await page.getByLabel('colour by').selectOption('time');
    expect(await page.locator('.place[class*=heat-]').count()).toBe(rows * 5);
  });

  test('the keyboard reaches everything: skip link, grid, cell', async () => {
    const page = await open(report);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.locator('.place[tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'End', 'ArrowUp', 'Home', 'ArrowDown'])
      await page.keyboard.press(key);
    const label = (await page.evaluate('document.activeElement.getAttribute("aria-label")')) as string;
    expect(label).toMatch(/^alpine-10\/libc=musl\/node=20\/db=postgres: failed, 3 of 100 tests failed/);
    expect(await page.locator('.place[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.locator('article.cell').waitFor();
  });

  test('tests: which, and in which cells', async () => {
    const page = await open(report, `#/cell/${slug}`);
    await page.getByRole('link', { name: 'Tests' }).click();
    await page.locator('.test').first().waitFor();
    expect(await page.locator('.test').count()).toBe(5);
    await page.getByLabel('only those that did not pass everywhere').uncheck();
    expect(await page.locator('.test').count()).toBe(100);
    await page.getByPlaceholder('Find a test').fill('case 40');
    const row = page.locator('.test');
    expect(await row.locator('.counts').textContent()).toMatch(/✗ 25 failed.*✓ \d+ passed/);
    await row.locator('summary').click();
    expect(await row.getByRole('link').first().textContent()).toContain('node=26/db=mysql');
  });

  test('the time line tells what one waited for', async () => {
    const page = await open(report, '#/timeline');
    const bars = sample.cells.reduce((sum, { attempts }) => sum + attempts.length, 0);
    expect(await page.locator('a.bar').count()).toBe(bars);
    expect(await page.locator('.lane').filter({ hasText: 'qemu' }).count()).toBe(16);
    await page.locator('a.bar').last().focus();
    expect(await page.locator('.wait-panel').textContent()).toMatch(/Waited .* until .* gave its place back/);
    expect(await page.locator('.bar.freed').count()).toBe(1);
    await page.getByRole('checkbox', { name: 'what the end waited for' }).check();
    expect(await page.locator('#chain ~ ol li').count()).toBeGreaterThan(5);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(new URL(page.url()).hash).toContain('zoom=2');
  });

  test('dark when the system is, or when it is told to', async () => {
    const background = 'getComputedStyle(document.body).backgroundColor';
    const light = await (await open(report)).evaluate(background);
    const page = await open(report, '', { colorScheme: 'dark' });
    const dark = await page.evaluate(background);
    expect(dark).not.toBe(light);
    await page.getByRole('button', { name: 'auto' }).click();
    await page.getByRole('button', { name: 'dark' }).click();
    expect(await page.evaluate(background)).toBe(light);
    await page.reload();
    expect(await page.evaluate(background)).toBe(light);
  });

  test.each([
    ['light', 1400],
    ['dark', 420],
  ] as const)(
    'nothing that axe knows of stands in the way of anybody: %s, %d pixels',
    async (colorScheme, width) => {
      const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
      for (const hash of ['#/', '#/tests', '#/timeline', `#/cell/${slug}`]) {
        const page = await open(report, hash, { colorScheme, viewport: { width, height: 900 } });
        await page.locator('main > *').waitFor();
        await page.evaluate(axe);
        const found = (await page.evaluate('axe.run()')) as {
          passes: unknown[];
          violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
        };
        const told = found.violations.map(
          ({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
        );
        expect(told, hash).toEqual([]);
        expect(found.passes.length, hash).toBeGreaterThan(15);
      }
    },
  );

  test.each([1400, 420])('nothing is wider than a window of %d pixels', async (width) => {
    for (const hash of ['#/', '#/tests', '#/timeline?by=cells', `#/cell/${slug}`]) {
      const page = await open(report, hash, { viewport: { width, height: 900 } });
      await page.locator('main > *').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBeLessThanOrEqual(width);
    }
  });

  test('on paper it is light, and nothing is hidden in a scroll box', async () => {
    const page = await open(report, '', { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.evaluate('getComputedStyle(document.querySelector(".scroll")).overflowX')).toBe(
      'visible',
    );
    expect(await page.locator('search').isVisible()).toBe(false);
  });

  test('a link to a cell that is not there says so', async () => {
    const page = await open(report, '#/cell/nowhere?q=%3Cb%3E');
    expect(await page.locator('article').textContent()).toContain('This report has no cell nowhere');
  });
});

describe('what guests say', () => {
  const EVIL = [
    '<img src=x onerror="alert(1)">',
    '</script><script>alert(2)</script>',
    '<!--<script>',
    '"><svg onload=alert(3)>',
    "';alert(4)//",
    '\u202etxt.exe\u202c',
    'a\u2028b\u2029c',
    '\u001b[31mred\u001b[0m\u0007\u0000',
    '__proto__',
    '{{constructor}}',
    '\ud800',
    '&lt;b&gt;',
    'javascript:alert(5)',
    '<style>*{display:none}</style>',
  ];

  test('stays text, wherever it stands', async () => {
    const evil = EVIL.join(' ');
    const cases = EVIL.map((text) =>
      failing(text, text, { classname: text, file: text, line: 1, stdout: text, stderr: text }),
    );
    const info = {
      ...cellInfo('a'),
      id: `a/${evil}`,
      slug: 'a',
      values: { [evil]: evil, ['__proto__']: evil },
    };
    const story = runStory(
      [
        cellStory(info, [tested(1, [suite(evil, ...cases, passing(evil))])], {
          notes: EVIL,
          files: {
            output: 'cells/a/output.log',
            artifacts: ['javascript:alert(6)', '../../etc/passwd', 'cells/a/<b>.txt'],
          },
        }),
        cellStory({ ...cellInfo('b'), values: { [evil]: 'b' } }, [tested(1, [suite('s', passing('p'))])]),
      ],
      { run: { matrix: evil, seed: evil, id: evil } },
    );
    const report = await writeReport(story.result, { 'cells/a/output.log': evil, 'cells/a/<b>.txt': evil });
    const elements =
      '[...document.querySelectorAll("main img, main style, main script, main svg[onload]")].length';
    const links = '[...document.querySelectorAll("a[href]")].map((link) => link.protocol)';
    const elsewhere = `#/cell/${encodeURIComponent('</script><img src=x onerror=alert(7)>')}?q=<img src=x>&rows=__proto__`;
    for (const hash of ['#/', '#/tests?show=all', '#/timeline?by=cells', '#/cell/a', elsewhere]) {
      const page = await open(report, hash);
      await page.locator('main > *').waitFor();
      await page.evaluate('for (const one of document.querySelectorAll("summary")) one.click()');
      expect(await page.evaluate(elements), hash).toBe(0);
      expect(new Set((await page.evaluate(links)) as string[]), hash).toEqual(new Set(['file:']));
      const text = (await page.locator('body').innerText()) as string;
      expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028\u2029\u0000\u001b]/);
    }
    const page = await open(report, '#/cell/a');
    await page.locator('article.cell').waitFor();
    const names = await page.locator('.test-name').allTextContents();
    expect(names).toEqual(
      expect.arrayContaining([
        '<img src=x onerror="alert(1)">',
        '</script><script>alert(2)</script>',
        '⟨U+202E⟩txt.exe⟨U+202C⟩',
        'a⟨U+2028⟩b⟨U+2029⟩c',
        'red␇␀',
        '__proto__',
        '&lt;b&gt;',
      ]),
    );
    expect(await page.locator('pre.log').textContent()).toContain('</script><script>alert(2)</script>');
    expect(await page.locator('.files a').allTextContents()).toEqual([
      'output.log',
      'javascript:alert(6)',
      '<b>.txt',
    ]);
  });

  test('and even a page with a hole would run nothing of it', async () => {
    const { result } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);
    const { page } = await openFile(browser, await writeReport(result));
    const tried = await page.evaluate(`(() => {
      const attempts = [
        () => { document.body.innerHTML = '<img src=x onerror="window.ran = 1">'; },
        () => { document.body.insertAdjacentHTML('beforeend', '<b>'); },
        () => { document.createElement('script').text = 'window.ran = 1'; },
        () => { document.body.setAttribute('onclick', 'window.ran = 1'); },
      ];
      return attempts.map((attempt) => { try { attempt(); return 'done'; } catch { return 'refused'; } });
    })()`);
    expect(tried).toEqual(['refused', 'refused', 'refused', 'refused']);
    await page.context().close();
  });
});

describe('of the built command line', () => {
  test('comes by itself, beside the others, and tells the same', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets: { box: { engine: fake, latency: { prepare: 300ms, run: 50ms }, junit: { pass: 2, fail: 1 } } }
matrix: { node: [20, 3.10] }
test: { run: ./test.sh, results: ['reports/*.xml'] }
`,
    });
    expect((await p.vmtest('run')).exitCode).toBe(1);
    const page = await open(p.path('vmtest-results', 'report.html'));
    expect(await page.locator('h1').textContent()).toBe('Of 2 cells, 2 failed');
    expect(await page.locator('.cause').count()).toBe(1);
    expect(await page.locator('.place').allTextContents()).toEqual(['✗ 1/3', '✗ 1/3']);
    await page.getByRole('link', { name: 'Timeline' }).click();
    expect(await page.locator('.preparation').textContent()).toBe('box');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.locator('.place').first().click();
    expect(await page.locator('pre.log').textContent()).toBe('$ ./test.sh\n');
    const log = await page.getByRole('link', { name: 'the file' }).getAttribute('href');
    expect(await p.read('vmtest-results', log ?? '')).toBe('$ ./test.sh\n');
  });

  test('carries the script that was built, unchanged', async () => {
    const { result } = runStory([cellStory(cellInfo('a'), [tested(1, [suite('s', passing('p'))])])]);
    const html = await readFile(await writeReport(result), 'utf8');
    const script = /<script type="module">([\s\S]*)<\/script>\n<\/body>/.exec(html)?.[1] ?? '';
    expect(html).toContain(createHash('sha256').update(script).digest('base64'));
  });
});
