/**
 * The page around its data. The only script and the only style that a browser will run are those whose hashes stand in
 * the policy; nothing is ever fetched, and text cannot become markup (trusted types).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { VmtestError } from '../../src/host/errors.ts';
import { packageFile } from '../../src/host/this-package.ts';

/** What `scripts/build-page.ts` made. */
export interface PageAssets {
  script: string;
  style: string;
}

/** @throws VmtestError `PAGE_NOT_BUILT` */
export async function loadAssets(): Promise<PageAssets> {
  const load = (name: string) => readFile(packageFile(`dist/reporters/html/assets/${name}`), 'utf8');
  try {
    const [script, style] = await Promise.all([load('page.js'), load('page.css')]);
    return { script, style };
  } catch (error) {
    throw new VmtestError('PAGE_NOT_BUILT', 'the script of report.html is not in this package', {
      hint: 'In a checkout, `npm run build` makes it.',
      cause: error,
    });
  }
}

/** @param data elements with the data, in pieces. */
export function* pageDocument(
  title: string,
  { script, style }: PageAssets,
  data: Iterable<string>,
): Generator<string> {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${markup(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This report needs JavaScript, which is in the page itself; the same results are in junit.xml and results.json.</noscript>
<div id="app"></div>
`;
  yield* data;
  yield `<script type="module">${script}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function markup(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
