// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of a matrix file
/** The matrix of the trials: one cell that passes and one that fails; the guest writes to its disk, and files come out. */
import type { Outcome } from '../../../src/results/model.ts';

export const CELLS: Readonly<Record<string, Outcome>> = {
  'box/n=good': 'passed',
  'box/n=bad': 'failed',
};

/**
 * @param target the target's keys in flow style, without braces.
 * @param memory what guests may have, whatever the host has.
 */
export function matrixText(target: string, memory = 'auto'): string {
  return `version: 1
targets:
  box: { ${target} }
matrix: { target: [box], n: [good, bad] }
test:
  upload: { from: ., to: work, exclude: [vmtest-results] }
  setup: head -c 8388608 /dev/urandom > /dev/vda && sync
  run: |
    head -c 1500000 /dev/urandom > big
    echo "<testsuite name='s'><testcase name='$VMTEST_N'/></testsuite>" > r.xml
    [ "$VMTEST_N" = good ]
  results: [r.xml]
  artifacts: [big]
  timeout: 60s
retries: { error: 0 }
limits: { jobs: 2, memory: ${memory} }
`;
}
