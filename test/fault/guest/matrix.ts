// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of a matrix file
/** One matrix in which every cell misbehaves in its own way. */
import type { AccessKind } from '../../../src/guest/channel.ts';
import { chance } from '../../../src/run/random.ts';
import type { Expected, Fault, Faults } from './expected.ts';
import type { AttackedTarget } from './targets.ts';

export interface Cell {
  target: string;
  fault: string;
  timeout: string;
}

export interface Choice {
  faults: Faults;
  targets: Readonly<Record<string, AttackedTarget>>;
  /** Each fault on one target only, which the seed chooses. Default: on all. */
  seed?: string;
}

/** Far more than a fault needs that ends by itself. */
const PATIENT = '2m';

export function cellsOf({ faults, targets, seed }: Choice): Cell[] {
  return Object.entries(faults).flatMap(([fault, { timeout = PATIENT, only }]) => {
    const fit = Object.keys(targets).filter((name) => !only || only.includes(kindOf(targets, name)));
    const chosen =
      seed === undefined ? fit : [fit[Math.floor(chance(seed, fault) * fit.length)] ?? []].flat();
    return chosen.map((target) => ({ target, fault, timeout }));
  });
}

export function kindOf(targets: Choice['targets'], name: string): AccessKind {
  const { kind } = targets[name] ?? {};
  if (kind === undefined) throw new Error(`no target ${name}`);
  return kind;
}

export function expectedBy({ expect, by }: Fault, kind: AccessKind): Expected {
  return by?.[kind] ?? expect;
}

/**
 * A whole result and an artifact lie there before the fault. `replace NAME SCRIPT` puts a script in a program's place:
 * busybox takes its own `tar` before any in PATH, so a shell in front of it names the file.
 */
const PRELUDE = `replace() {
  printf '#!/bin/busybox sh\\n%s\\n' "$2" >/tmp/$1; chmod 755 /tmp/$1
  { echo '#!/bin/busybox sh'; echo 'c=$1; s=$2; shift 2; case $s in *" '$1' "*) s="\${s%" '$1' "*} /tmp/'$1' \${s##*" '$1' "}";; esac'
    echo 'exec /bin/busybox sh $c "$s" "$@"'; } >/tmp/new; chmod 755 /tmp/new; mv /tmp/new /bin/sh
}
mkdir out logs; echo artifact >logs/a.txt
echo '<testsuite name="s"><testcase name="t"/></testsuite>' >out/r.xml
echo started
`;

/** By path, below the folder that is uploaded. */
export function guestFiles(faults: Faults): Record<string, string> {
  return Object.fromEntries(
    Object.entries(faults).map(([name, { script }]) => [`faults/${name}.sh`, `${PRELUDE}${script}\n`]),
  );
}

/** @param from folder of the guest's files, relative to the matrix file. */
export function matrixText(targets: Choice['targets'], cells: readonly Cell[], from: string): string {
  const used = Object.entries(targets).filter(([name]) => cells.some(({ target }) => target === name));
  return JSON.stringify({
    version: 1,
    targets: Object.fromEntries(used.map(([name, { keys }]) => [name, keys])),
    matrix: { include: cells },
    test: {
      upload: { from, to: 'work' },
      run: '. "./faults/$VMTEST_FAULT.sh"',
      results: ['out/*.xml'],
      artifacts: ['logs/**'],
      timeout: '${{ matrix.timeout }}',
    },
    limits: { jobs: 2 },
    retries: { error: 0 },
  });
}
