/** The options of `run` and `report` that say how JUnit files are written. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseBytes } from '../../matrix/units.ts';
import { JUNIT_LABELS, type JUnitLabel, type JUnitSettings } from '../../reporters/junit/settings.ts';

export interface JUnitFlags {
  junitLabel?: JUnitLabel;
  junitStrict?: boolean;
  junitUnique?: boolean;
  junitMaxCases?: number;
  junitMaxBytes?: number;
}

export function addJUnitOptions(command: Command, count: (text: string) => number): Command {
  return command
    .addOption(
      new Option(
        '--junit-label <where>',
        'JUnit: where the cell is named (default: both, suite and class)',
      ).choices(JUNIT_LABELS),
    )
    .option('--junit-strict', 'JUnit: only what the schemas of Jenkins’ xunit plugin and of Surefire allow')
    .option('--junit-unique', 'JUnit: number the tests of a cell that share their names')
    .option('--junit-max-cases <n>', 'JUnit: further files (junit-2.xml, …) beyond n cases', count)
    .option('--junit-max-bytes <size>', 'JUnit: further files beyond this size, such as 25M', bytes);
}

export function junitSettings({
  junitLabel,
  junitStrict,
  junitUnique,
  junitMaxCases,
  junitMaxBytes,
}: JUnitFlags): JUnitSettings {
  return {
    ...(junitLabel === undefined ? {} : { label: junitLabel }),
    ...(junitStrict ? { strict: true } : {}),
    ...(junitUnique ? { unique: true } : {}),
    ...(junitMaxCases === undefined ? {} : { maxCases: junitMaxCases }),
    ...(junitMaxBytes === undefined ? {} : { maxBytes: junitMaxBytes }),
  };
}

function bytes(text: string): number {
  const size = parseBytes(text);
  if (size !== undefined) return size;
  throw new InvalidArgumentError('It must be a size such as 500K or 25M.');
}
