// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of a matrix file
/** The matrix that is killed: short and long cells, one that fails and is tried again, files in and out. */
import type { Outcome } from '../../../src/results/model.ts';

/** How each cell ends when nobody disturbs it, and how often one that fails is tried again. */
export interface Cells {
  outcomes: Readonly<Record<string, Outcome>>;
  retries: number;
}

export const CELLS: Cells = {
  outcomes: { 'box/n=quick': 'passed', 'box/n=slow': 'passed', 'box/n=bad': 'failed' },
  retries: 1,
};

/** For engines that take long for each. */
export const FEW_CELLS: Cells = { outcomes: { 'box/n=quick': 'passed', 'box/n=bad': 'failed' }, retries: 0 };

/** The cell by which a repairing run is seen to work, and which is kept for a person. */
export const QUICK = 'n=quick';

/** @param target the target's keys in flow style, without braces. */
export function matrixText(target: string, { outcomes, retries }: Cells): string {
  const names = Object.keys(outcomes).map((cell) => cell.replace('box/n=', ''));
  return `version: 1
targets:
  box: { ${target} }
matrix: { target: [box], n: [${names}] }
test:
  upload: { from: ., to: work }
  setup: echo "setup of $VMTEST_N"
  run: |
    echo "test of $VMTEST_N"
    [ "$VMTEST_N" != slow ] || sleep 1
    [ "$VMTEST_N" != bad ] || exit 1
    echo '<testsuite name="s"><testcase name="t"/></testsuite>' > r.xml
  results: [r.xml]
  artifacts: [matrix.yml]
limits: { jobs: 2 }
retries: { test: ${retries} }
`;
}

/** One cell that goes on until it is told to stop. */
export function endlessText(target: string): string {
  return `version: 1
targets:
  other: { ${target} }
test: { run: sleep 86400, timeout: 24h }
`;
}
