/** Draws the samples of `soak.ts`: `npx tsx bench/soak-picture.ts OUT.svg FOLDER/ENGINE.ndjson…`. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { drawSoaks } from './soak/draw.ts';
import { tableOf } from './soak/judge.ts';
import type { Sample } from './soak/watch.ts';

const SHOWN = ['heap', 'RSS', 'descriptors', 'timers, sockets, pipes', 'state', 'cache'];

const [out, ...files] = process.argv.slice(2);
if (out === undefined || files.length === 0)
  throw new Error('usage: soak-picture.ts OUT.svg SAMPLES.ndjson…');
const soaks = await Promise.all(
  files.map(async (file) => {
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const title = basename(file, '.ndjson');
    return { title, samples: lines.map((line) => JSON.parse(line) as Sample) };
  }),
);
await writeFile(out, drawSoaks(soaks, SHOWN));
for (const { title, samples } of soaks) console.log(`${title}\n\n${tableOf(samples).text}\n`);
