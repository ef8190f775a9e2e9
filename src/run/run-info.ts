import { randomBytes } from 'node:crypto';
import { arch, hostname, platform, totalmem } from 'node:os';
import { freeResources } from '../host/resources.ts';
import { version } from '../host/this-package.ts';
import type { RunInfo } from '../results/model.ts';
import { newSeed } from './random.ts';

/** Who runs what where. The id sorts by time: `20261121t093000-4f1c`. */
export function newRunInfo(options: { seed?: string; shard?: string; matrix?: string }): RunInfo {
  const started = new Date().toISOString();
  const stamp = started.slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
  return {
    id: `${stamp}-${randomBytes(2).toString('hex')}`,
    started,
    seed: options.seed ?? newSeed(),
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    ...(options.matrix === undefined ? {} : { matrix: options.matrix }),
    host: {
      name: hostname(),
      os: platform(),
      arch: arch(),
      cpus: freeResources().cpus,
      memory: totalmem(),
      node: process.versions.node,
      vmtest: version(),
    },
  };
}
