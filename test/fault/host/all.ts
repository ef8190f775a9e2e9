import { CLOCKS } from './clocks.ts';
import { DISKS } from './disks.ts';
import { FILE_SYSTEMS, SLOW } from './file-systems.ts';
import type { Hardship } from './hardship.ts';
import { DESCRIPTORS, MEMORY } from './limits.ts';
import { PORTS } from './ports.ts';
import { MISSING, RIGHTS } from './surroundings.ts';

export const HARDSHIPS: readonly Hardship[] = [
  ...DISKS,
  ...DESCRIPTORS,
  ...MEMORY,
  ...RIGHTS,
  ...MISSING,
  ...PORTS,
  ...CLOCKS,
  ...FILE_SYSTEMS,
  ...SLOW,
];
