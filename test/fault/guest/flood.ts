/**
 * What vmtest takes that is flooded, at the pace of this host: no emulated guest prints as quickly as a shell here, which the
 * engine `command` runs in its place.
 *
 *     node --import ./scripts/ts.mjs test/fault/guest/flood.ts [BYTES]
 *
 * BYTES is 1 GB by default, for each of two cells: lines, and a single line. Needs `npm run build`; no guest, no lock.
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RunResult } from '../../../src/results/model.ts';
import { vmtest } from './vmtest.ts';

const ENGINE = `#!/bin/sh
case $1 in
  probe) echo '{"verbs":["exec"]}' ;;
  exec) cd "$VMTEST_FOLDER" && HOME=$PWD exec sh -c "$VMTEST_COMMAND" ;;
esac
`;

const bytes = Number(process.argv[2] ?? 1e9);
const matrix = {
  version: 1,
  targets: {
    shell: {
      engine: 'command',
      program: ['sh', './engine.sh'],
      os: 'linux',
      snapshot: 'clean',
      guest: { user: userInfo().username, channel: 'agent' },
    },
  },
  matrix: { target: ['shell'], flood: ['lines', 'line'] },
  test: {
    run: `if [ "$VMTEST_FLOOD" = lines ]; then yes 'a line of a log that somebody forgot to turn off' | head -c ${bytes}
else head -c ${bytes} /dev/zero | tr '\\0' x; fi; echo; echo the end`,
    timeout: '1h',
  },
  limits: { jobs: 1 },
};

const folder = await mkdtemp(join(tmpdir(), 'vmg-'));
try {
  await writeFile(join(folder, 'engine.sh'), ENGINE);
  await writeFile(join(folder, 'matrix.yml'), JSON.stringify(matrix));
  const state = join(folder, 'state');
  const { exitCode, output, peakBytes } = await vmtest({
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: state },
  });
  const result = JSON.parse(
    await readFile(join(folder, 'vmtest-results', 'results.json'), 'utf8').catch(() => {
      throw new Error(output);
    }),
  ) as RunResult;
  const mebibytes = (count: number) => `${Math.round(count / 1024 ** 2)} MiB`;
  for (const { values, outcome, slug, timings } of result.cells) {
    const log = join(folder, 'vmtest-results', 'cells', slug, 'output.log');
    const pace = mebibytes(bytes / ((timings.run ?? 0) / 1000));
    const end = (await readFile(log, 'utf8')).slice(-10).trim();
    console.log(
      `${values['flood']}: ${outcome}, ${pace}/s, output.log ${mebibytes((await stat(log)).size)}, … ${end}`,
    );
  }
  const { size } = await stat(join(folder, 'vmtest-results', 'events.ndjson'));
  console.log(`exit code ${exitCode}, events.ndjson ${mebibytes(size)}; vmtest took ${mebibytes(peakBytes)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
