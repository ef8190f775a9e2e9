/** Many runs of one matrix file at once, one of which may be killed; and what is wrong with them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { difference, type Inventory, takeInventory } from '../inventory/inventory.ts';
import { type Running, Vmtest } from '../kill-points/vmtest.ts';
import type { Shared } from './targets.ts';
import { hasIt, wasToldToWait, wrongWithAll, wrongWithOne } from './verdicts.ts';

export interface CrowdOptions {
  runs: number;
  /** Kills (SIGKILL) the first that has what all want: that boots the clean state, or runs its test in the VM. */
  killed: boolean;
}

export interface CrowdResult {
  /** A line each; none when all went well. */
  wrong: string[];
  seconds: number;
  /** Runs that were told to wait. */
  waited: number;
}

const MARK = 'VMTEST_CROWD';
/** Generous: it finds hangs. */
const HANG_MS = 600_000;
const LOOK_MS = 50;

export async function crowd(shared: Shared, { runs, killed }: CrowdOptions): Promise<CrowdResult> {
  // Short, as the paths of sockets are limited to some 100 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'vmc-'));
  try {
    const names = Array.from({ length: runs }, (_, index) => `${index + 1}`);
    const place = await makePlace(folder, names, shared);
    // A VM's first start leaves files that stay.
    if (shared.what === 'vm') await place.vmtest('1').call('run', '-o', join(folder, '1', 'first'));
    const before = await place.inventory();
    const started = performance.now();
    const owners = watchOwners(shared);
    const members = await Promise.all(
      names.map((name) => place.vmtest(name).run('-o', join(folder, name, 'results'))),
    );
    const victim = killed ? await killOwner(members, shared) : undefined;
    const hung = await hangs(members);
    const seconds = (performance.now() - started) / 1000;
    const each = members.map((member, index) => {
      const name = names[index] as string;
      return member === victim ? [] : wrongWithOne(`run ${name}`, member, join(folder, name, 'results'));
    });
    const wrong = [
      ...hung,
      ...owners.end(),
      ...(await Promise.all(each)).flat(),
      ...wrongWithAll(members, shared, killed),
    ];
    const clean = await place.vmtest('1').call('clean');
    if (clean.exitCode !== 0) wrong.push(`\`vmtest clean\` ended with ${clean.exitCode}: ${clean.output}`);
    const { left, gone } = difference(before, await place.inventory());
    wrong.push(...left.map((line) => `left: ${line}`), ...gone.map((line) => `gone: ${line}`));
    return { wrong, seconds, waited: members.filter(wasToldToWait).length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  /** @param name of the one whose run it is. */
  vmtest(name: string): Vmtest;
  inventory(): Promise<Inventory>;
}

/** One project, state and cache for all; results and events for each. */
async function makePlace(folder: string, names: readonly string[], shared: Shared): Promise<Place> {
  const at = (name: string) => join(folder, name);
  for (const name of ['state', 'cache', 'tmp', 'project', ...names]) await mkdir(at(name));
  await writeFile(join(at('project'), 'matrix.yml'), matrixText(shared.target));
  const folders = { XDG_STATE_HOME: at('state'), XDG_CACHE_HOME: at('cache'), TMPDIR: at('tmp') };
  const env = { ...process.env, ...shared.env, ...folders, [MARK]: folder };
  return {
    vmtest: (name) => new Vmtest({ cwd: at('project'), told: at(name), env }),
    inventory: () =>
      takeInventory({
        mark: `${MARK}=${folder}`,
        folders: [folder, ...shared.folders],
        except: [at('project'), ...names.map(at)],
      }),
  };
}

/** Each run counts only its own machines: ten of them may take more memory than one thinks there is. */
function matrixText(target: string): string {
  return `version: 1
targets: { box: { ${target} } }
test:
  run: sleep 1; echo '<testsuite name="s"><testcase name="t"/></testsuite>' > r.xml
  results: [r.xml]
limits: { memory: 64G }
`;
}

async function killOwner(members: readonly Running[], shared: Shared): Promise<Running> {
  for (;;) {
    const owner = members.find((member) => hasIt(member, shared));
    owner?.kill('SIGKILL', 'process');
    if (owner) return owner;
    if (members.every(({ isOver }) => isOver)) throw new Error('all were over before one could be killed');
    await delay(LOOK_MS);
  }
}

async function hangs(members: readonly Running[]): Promise<string[]> {
  const late = await Promise.all(
    members.map(async (member, index) => {
      if (await member.endsWithin(HANG_MS)) return [];
      member.kill('SIGKILL', 'group');
      await member.ended;
      return [`run ${index + 1} hung`];
    }),
  );
  return late.flat();
}

/** Looks again and again how many machines of the one VM there are. */
function watchOwners({ running }: Shared): { end(): string[] } {
  let most = 0;
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      most = Math.max(most, (await running?.()) ?? 0);
      await delay(LOOK_MS);
    }
  };
  void look();
  return {
    end: () => {
      isOver = true;
      return most > 1 ? [`${most} had the VM at once`] : [];
    },
  };
}
