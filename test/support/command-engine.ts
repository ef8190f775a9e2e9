/** The engine of examples/command over the tiny guest. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BaseTarget } from '../../matrix/model.ts';
import { tinyGuest } from './guests.ts';
import { targetOf } from './targets.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/command/engine.sh', import.meta.url));

/** A target of it, with other options. */
export async function exampleTarget(
  options: Record<string, unknown> = {},
  more: Parameters<typeof targetOf>[2] = {},
): Promise<BaseTarget> {
  const { kernel, initrd, append, key, image } = await tinyGuest();
  const given = { kernel, initrd, append, disk: image };
  return targetOf(
    'command',
    { program: ['./engine.sh'], folder: dirname(EXAMPLE), with: given, ...options },
    { memory: 128 * 1024 ** 2, ...more, guest: more?.guest ?? { key } },
  );
}
