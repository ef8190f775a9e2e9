/**
 * The floor: one cell from a warm live template with raw QMP and nothing else. What vmtest takes beyond it is vmtest's
 * own cost. Uses no code of vmtest.
 *
 *     npx tsx bench/floor/main.ts GUEST-FOLDER [--memory MIB] [--rounds N] [--command SCRIPT]
 *
 * GUEST-FOLDER is what `test/guests/build-tiny.sh` or `examples/debian/guests/build.sh` printed last. Prints JSON: for
 * each way in the rounds and their medians, in milliseconds.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openAgent, runByAgent, runBySsh } from './guest.ts';
import {
  type Clone,
  endClone,
  type Guest,
  makeTemplate,
  sshPort,
  startClone,
  stopWatch,
  type Timings,
} from './machine.ts';

type Way = 'agent' | 'ssh';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    memory: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '10' },
    command: { type: 'string', default: 'echo done' },
  },
});
const [guestFolder] = positionals;
if (guestFolder === undefined) throw new Error('which guest? Give its folder.');
const guest: Guest = { folder: guestFolder, memory: Number(values.memory) };
const scratch = await mkdtemp(join(tmpdir(), 'floor-'));
const template = join(scratch, 'template');
try {
  await makeTemplate(guest, template);
  const ways: Record<Way, Timings[]> = { agent: [], ssh: [] };
  // By turns, so that a noisy moment of the host hits both.
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const way of ['agent', 'ssh'] as const) ways[way].push(await oneCell(way, `${way}${round}`));
  }
  const report = Object.entries(ways).map(([way, rounds]) => [way, { median: medians(rounds), rounds }]);
  console.log(JSON.stringify({ guest, ...Object.fromEntries(report) }, null, 2));
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function oneCell(way: Way, name: string): Promise<Timings> {
  const timings: Timings = {};
  const started = performance.now();
  const lap = stopWatch(timings);
  const clone = await startClone(guest, template, join(scratch, name), lap);
  const output = way === 'agent' ? await byAgent(clone) : await bySsh(clone);
  if (output === '') throw new Error('the command printed nothing');
  lap('command');
  await endClone(clone);
  lap('end');
  timings['total'] = performance.now() - started;
  return Object.fromEntries(Object.entries(timings).map(([step, ms]) => [step, Math.round(ms * 10) / 10]));
}

async function byAgent({ folder }: Clone): Promise<string> {
  const agent = await openAgent(join(folder, 'agent'));
  const output = await runByAgent(agent, afterClock());
  agent.close();
  return output;
}

async function bySsh(clone: Clone): Promise<string> {
  const key = await readFile(join(guest.folder, 'id_ed25519'));
  return runBySsh(await sshPort(clone), key, afterClock());
}

/** Both in one script: the guest's clock is that of its template. */
function afterClock(): string {
  return `date -u -s @${Math.round(Date.now() / 1000)} >/dev/null; ${values.command}`;
}

function medians(rounds: readonly Timings[]): Timings {
  const middle = Math.floor(rounds.length / 2);
  const of = (step: string) => rounds.map((round) => round[step] ?? 0).toSorted((a, b) => a - b)[middle] ?? 0;
  return Object.fromEntries(Object.keys(rounds[0] ?? {}).map((step) => [step, of(step)]));
}
