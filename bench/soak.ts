/**
 * Does a run that goes on for thousands of cells keep what it needs no more? `npx tsx bench/soak.ts FOLDER [ENGINE=CELLS]…`, by
 * default `qemu=1600 v86=400`: an hour on two cores. The samples come into `FOLDER/ENGINE.ndjson`, for `soak-picture.ts`. Ends
 * with 1 when something grows, or a cell did not pass. Ctrl-C ends each run early, and judges what there is.
 */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { i386Guest, tinyGuest } from '../test/support/guests.ts';
import { tableOf } from './soak/judge.ts';
import { type Sample, soak } from './soak/watch.ts';

const [into, ...wanted] = process.argv.slice(2);
if (into === undefined) throw new Error('where to? Give a folder for the samples.');
await mkdir(into, { recursive: true });
for (const each of wanted.length > 0 ? wanted : ['qemu=1600', 'v86=400']) {
  const [engine = '', cells] = each.split('=');
  // Short, as the paths of sockets are limited to some 100 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'vmb-'));
  try {
    for (const name of ['state', 'cache', 'tmp']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'matrix.yml'), await matrixOf(engine));
    const samples = join(into, `${engine}.ndjson`);
    await writeFile(samples, '');
    const soaked = await soak({
      folder,
      cells: Number(cells),
      onSample: async (sample) => {
        tell(engine, sample);
        await appendFile(samples, `${JSON.stringify(sample)}\n`);
      },
    });
    const { text, isFlat } = tableOf(soaked.samples);
    const { passed, cancelled, total } = soaked.result.summary.cells;
    const begun = total - cancelled;
    const heard = soaked.warnings.length === 0 ? 'Node warned of nothing' : soaked.warnings.join('\n');
    console.log(`${engine}: ${passed} of ${begun} cells passed; ${heard}\n\n${text}\n`);
    if (!isFlat || soaked.warnings.length > 0 || passed !== begun) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Files in, a setup, results and artifacts out: all that a cell can do. */
async function matrixOf(engine: string): Promise<string> {
  const { image, key } = await tinyGuest();
  const { kernel, initrd, append } = await i386Guest();
  const targets: Record<string, string> = {
    qemu: `engine: qemu, image: ${image}, memory: 128M, guest: { user: root, key: ${key} }`,
    v86: `engine: v86, kernel: ${kernel}, initrd: ${initrd}, append: ${append}, memory: 96M, guest: { channel: console }`,
  };
  return `version: 1
targets: { box: { ${targets[engine]} } }
test:
  upload: { from: ., to: work, exclude: [state, cache, tmp, vmtest-results] }
  setup: echo prepared
  run: |
    seq 100
    echo '<testsuite name="s"><testcase name="t"/></testsuite>' > r.xml
  results: [r.xml]
  artifacts: [matrix.yml]
`;
}

function tell(engine: string, { cells, seconds, heap, rss, descriptors }: Sample): void {
  const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(1);
  const memory = `heap ${mib(heap)} MiB, RSS ${mib(rss)} MiB`;
  process.stderr.write(
    `${engine} ${cells} cells ${seconds.toFixed(0)} s: ${memory}, ${descriptors} descriptors\n`,
  );
}
