/**
 * Writes what is published from the code: `schema/*.json`, `docs/matrix-file.md`, the tables of engines in the README
 * and `docs/engines.md`, and that of viewers in `docs/ci.md`. With `--check` it writes nothing and fails when one of them
 * is stale.
 *
 *     node --import ./scripts/ts.mjs scripts/generate-schema.ts [--check]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedProtocol } from '../drivers/command/protocol.ts';
import { engineSchemas } from '../drivers/registry.ts';
import {
  publishedEventsSchema,
  publishedSchema as publishedResultsSchema,
} from '../src/results/published-schema.ts';
import { withPart } from './schema/between-marks.ts';
import { engineTable, proofTable } from './schema/engine-table.ts';
import { publishedSchema } from './schema/published.ts';
import { referencePage } from './schema/reference.ts';
import { viewedRun } from './viewers/sample.ts';
import { viewersTable } from './viewers/table.ts';
import { jobOf, viewsOf } from './viewers/views.ts';

const root = new URL('../', import.meta.url);

const page = (name: string) => readFile(new URL(name, root), 'utf8');
const json = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
const viewed = viewedRun();
const files = {
  'schema/matrix.schema.json': json(publishedSchema(engineSchemas())),
  'schema/command.schema.json': json(publishedProtocol()),
  'schema/results.schema.json': json(publishedResultsSchema()),
  'schema/events.schema.json': json(publishedEventsSchema()),
  'docs/matrix-file.md': referencePage(await page('scripts/schema/intro.md'), engineSchemas()),
  'README.md': withPart(await page('README.md'), 'engines', await engineTable()),
  'docs/engines.md': withPart(await page('docs/engines.md'), 'proofs', proofTable('../')),
  'docs/ci.md': withPart(
    await page('docs/ci.md'),
    'viewers',
    viewersTable(viewed, await viewsOf(viewed), await jobOf(viewed)),
  ),
};

for (const [name, text] of Object.entries(files)) {
  const path = fileURLToPath(new URL(name, root));
  if (process.argv.includes('--check')) {
    const written = await readFile(path, 'utf8').catch(() => '');
    if (written === text) continue;
    console.error(`${name} is stale: node --import ./scripts/ts.mjs scripts/generate-schema.ts`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
