/**
 * Text that guests made, from their result files through `vmtest report` into every report: it may look odd there, but no
 * terminal, CI runner, XML reader, page or shell obeys it.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { resultsJson } from '../../reporters/json.ts';
import { project } from '../support/project.ts';
import { all, parseXml } from '../support/xml-tree.ts';
import { cellInfo, cellStory, failing, passing, runStory, suite, tested } from '../unit/reporters/script.ts';

const TERMINAL = [
  '\x1b[31mred',
  '\x1b[2J\x1b[H',
  '\x1b]0;title\x07',
  '\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\',
  '\x1b]52;c;Y2FsYw==\x07',
  '\x1bP+q544e\x1b\\',
  '\x1b_apc\x1b\\',
  '\x1b^pm\x1b\\',
  '\x1bc',
  '\x1b(0',
  '\x1b[6n',
  '\x1b[?1049h',
  '\x9b31m',
  '\x9d0;t\x9c',
  '\x90q\x9c',
  '\x1b',
  '\x1b[',
  '\x1b]0;never ends',
  '\x07\x07',
  'a\x08\x08b',
  'over\rwritten',
  '\x00\x01\x02',
  '\x7f\x85',
  '\x0e\x0f',
];
const RUNNERS = [
  '::error::x',
  '::set-output name=a::b',
  '::add-mask::secret',
  '::stop-commands::token',
  '::group::x',
  '  ::warning file=a::b',
  '\t::debug::x',
  '\ufeff::error::x',
  'x\n::error::y',
  'x\r::error::y',
  'x\u2028::error::y',
  '%0A::error::x',
  '##[error]x',
  '##[command]rm',
  'mid ##[set-env name=A]b',
  '##vso[task.setvariable variable=a]b',
  'x ##vso[task.complete result=Succeeded;]',
  "##teamcity[testFailed name='a']",
  '[[ATTACHMENT|/etc/passwd]]',
  '[[ATTACHMENT|../../secret]]',
];
const MARKUP = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  '</testcase></testsuite></testsuites>',
  '<![CDATA[x]]>',
  ']]>',
  '&lt;&amp;&quot;',
  '&#0;&#x1b;',
  '&xxe;',
  '<!--',
  '--><!DOCTYPE a>',
  '<?xml version="1.1"?>',
  '</details><h1>big</h1>',
  '```\n</details>',
  '````````',
  '[click](javascript:alert(1))',
  '![x](http://evil/p.png)',
  '| a | b |',
  '# heading',
  '@everyone',
  '\\`**x**`',
];
const OTHERS = [
  '$(touch pwned)',
  '`touch pwned`',
  '; touch pwned #',
  "'; touch pwned; '",
  '=cmd|"/C calc"!A0',
  '../../../etc/passwd',
  '__proto__',
  'constructor',
  '\ud800 lone',
  '\uffff\ufffe',
];
const HOSTILE = [...TERMINAL, ...RUNNERS, ...MARKUP, ...OTHERS];

/** All control characters but line feed and tab, which the reports make themselves. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

const escapeXml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A guest's report with the text in every place that has one, failed and passed. */
function foreignReport(text: string): string {
  const safe = escapeXml(text);
  const texts = `<system-out>${safe}</system-out><system-err>${safe}</system-err>`;
  return `<testsuites><testsuite name="${safe}"><properties><property name="${safe}" value="${safe}"/></properties>
<testcase name="${safe}" classname="${safe}" file="${safe}"><failure message="${safe}" type="${safe}">${safe}</failure>${texts}</testcase>
<testcase name="${safe}"><flakyFailure message="${safe}"><stackTrace>${safe}</stackTrace></flakyFailure>${texts}</testcase>
<testcase name="${safe}"><skipped message="${safe}"/></testcase></testsuite></testsuites>`;
}

/** The same in everything that a results.json can hold. */
function ownResults(): string {
  const cells = HOSTILE.map((text, index) => {
    const info = {
      ...cellInfo(`c${index}`, index),
      id: `${index}${text}`,
      target: text,
      values: { axis: text },
      snapshot: text,
    };
    const cases = [failing(text, text, { classname: text, stdout: text }), passing(text, { stderr: text })];
    const story = cellStory(info, [tested(1, [suite(text, ...cases)])], { notes: [text] });
    const [attempt] = story.result.attempts;
    attempt?.notes.push(text);
    story.result.files = { output: text, artifacts: [text] };
    return story;
  });
  return [
    ...resultsJson(runStory(cells, { run: { matrix: HOSTILE.join(' '), seed: '\x1b[31m' } }).result),
  ].join('');
}

const REPORTS = ['plain', 'junit', 'json', 'ctrf', 'events'].flatMap((name) => ['-r', name]);

test('there are enough of them, each of its own kind', () => {
  expect(new Set(HOSTILE).size).toBe(HOSTILE.length);
  expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
});

describe(`${HOSTILE.length} hostile texts`, () => {
  /** A project whose every result is hostile, reported by everything. */
  async function reported() {
    const files = Object.fromEntries(HOSTILE.map((text, at) => [`in/${at}.xml`, foreignReport(text)]));
    const p = await project({ ...files, 'own/results.json': ownResults() });
    const cells = HOSTILE.flatMap((_, at) => ['--cell', `foreign-${at}=in/${at}.xml`]);
    const ended = await p.vmtest(
      'report',
      'own',
      ...cells,
      '-o',
      'out',
      '-r',
      'github=summary.md',
      ...REPORTS,
    );
    expect(ended.exitCode).toBe(1);
    expect(await readdir(p.folder)).toEqual(expect.not.arrayContaining(['pwned']));
    return { p, stdout: ended.stdout, stderr: ended.stderr, summary: await p.read('summary.md') };
  }

  test('move no terminal, and command no runner', async () => {
    const { stdout, stderr } = await reported();
    expect(stderr).not.toMatch(CONTROLS);
    expect(stdout).not.toMatch(CONTROLS);
    const lines = stdout.split('\n');
    const open = lines.findIndex((line) => line.startsWith('::stop-commands::vmtest-'));
    const token = lines[open]?.slice('::stop-commands::'.length);
    const close = lines.indexOf(`::${token}::`);
    expect(close).toBeGreaterThan(open);
    for (const [at, line] of lines.entries()) {
      const isCommand = /^[\s\ufeff]*::/.test(line);
      if (at === open || at === close || line === '') continue;
      if (at > close) {
        // The runner looks for `##[…]` only in lines that are no command of this form.
        expect(line).toMatch(/^::(error|warning) /);
      } else {
        expect({ line, isCommand }).toEqual({ line, isCommand: false });
        expect(line).not.toMatch(/##(vso|teamcity)?\[/);
      }
    }
  });

  test('stay text in XML, and attach nothing', async () => {
    const { p } = await reported();
    const folders = await readdir(p.path('out/cells'));
    const files = ['out/junit.xml', ...folders.map((slug) => `out/cells/${slug}/junit.xml`)];
    for (const file of files) {
      const xml = await p.read(file);
      expect(xml).not.toMatch(CONTROLS);
      const tree = parseXml(xml);
      const texts = ['system-out', 'system-err', 'failure', 'stackTrace'].flatMap((name) => all(tree, name));
      for (const [, path] of texts
        .map(({ text }) => text)
        .join('\n')
        .matchAll(/\[\[ATTACHMENT\|(.*?)\]\]/g)) {
        expect(path).toMatch(/^out\/cells\/[a-z0-9_-]+\//);
      }
      expect(new Set(tree.children.map(({ name }) => name))).toEqual(new Set(['testsuite']));
    }
    expect(folders.every((slug) => /^[a-z0-9_-]+$/.test(slug))).toBe(true);
    const cases = all(parseXml(await p.read('out/junit.xml')), 'testcase');
    expect(cases).toHaveLength(HOSTILE.length * 5);
  });

  test('stay text in the job summary', async () => {
    const { summary } = await reported();
    expect(summary).not.toMatch(CONTROLS);
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
    const outside = summary.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
    const tags = [...outside.matchAll(/<\/?([a-z!?][^\s>]*)/gi)].map(([, name]) => name);
    expect(new Set(tags)).toEqual(new Set(['details', 'summary']));
    expect(outside).not.toMatch(/\]\(|@everyone|^# heading/m);
  });

  test('are whole in JSON, where only text can be, and nothing points outside', async () => {
    const { p } = await reported();
    const results = await p.results('out');
    for (const { files } of results.cells) {
      for (const file of [files.output, ...(files.artifacts ?? []), ...(files.results ?? [])]) {
        if (file !== undefined) expect(file).toMatch(/^cells\/[a-z0-9_-]+\/[^/]+/);
      }
    }
    const ctrf = JSON.parse(await p.read('out/ctrf.json')) as {
      results: { tests: { name: string; labels: object }[] };
    };
    expect(ctrf.results.tests).toHaveLength(HOSTILE.length * 5);
    for (const { name } of ctrf.results.tests) expect(name).not.toMatch(CONTROLS);
    for (const line of (await p.read('out/events.ndjson')).trimEnd().split('\n')) JSON.parse(line);
    expect(Object.prototype).not.toHaveProperty('axis');
  });

  test('name cells and files on the command line, and are still only text', async () => {
    const p = await project({ 'x.xml': '<testsuite name="s"><testcase name="t"/></testsuite>' });
    for (const name of ['\x1b[31mred', '::error::x', '../../up', '$(touch pwned)', '__proto__', 'a\nb']) {
      const { exitCode, stdout, stderr } = await p.vmtest(
        'report',
        '--cell',
        `${name}=x.xml`,
        '-o',
        'out',
        ...REPORTS,
      );
      expect({ name, exitCode, stderr }).toEqual({ name, exitCode: 0, stderr: '' });
      expect(stdout).not.toMatch(CONTROLS);
      expect(stdout).not.toMatch(/^\s*::/m);
    }
    await writeFile(p.path('bad.json'), '{"version":1,"run":{"\x1b[31m::error::":1}}');
    const { stderr } = await p.vmtest('report', 'bad.json', '--cell', 'a=x.xml', '-o', 'out', ...REPORTS);
    expect(stderr).not.toMatch(CONTROLS);
    expect((await readdir(p.folder)).toSorted()).toEqual(['bad.json', 'out', 'x.xml']);
  });
});
