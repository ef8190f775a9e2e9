/** Every script of ours by a grammar of PowerShell that others keep: what our own parser takes might be no PowerShell. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Language, type Node, Parser } from 'web-tree-sitter';

const scripts = ['src', 'drivers'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ps1'))
    .map((path) => join(folder, path)),
);
const parser = { parse: (_text: string): string[] => [] };

beforeAll(async () => {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve(
    'tree-sitter-powershell/tree-sitter-powershell.wasm',
  );
  const powershell = new Parser().setLanguage(await Language.load(grammar));
  parser.parse = (text) => {
    const tree = powershell.parse(text);
    return tree ? faults(tree.rootNode) : ['nothing'];
  };
});

function faults(node: Node): string[] {
  const own = node.isError || node.isMissing ? [`line ${node.startPosition.row + 1}: ${node.text}`] : [];
  return [...own, ...node.children.flatMap((child) => (child ? faults(child) : []))];
}

test('there are scripts', () => {
  expect(scripts.length).toBeGreaterThan(20);
});

test.each(scripts)('%s is PowerShell', async (path) => {
  expect(parser.parse(await readFile(path, 'utf8'))).toEqual([]);
});

test('what is none is found', () => {
  expect(parser.parse('foreach ($x on $y) {}')).not.toEqual([]);
});
