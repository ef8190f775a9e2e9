import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createHost } from '../../src/host/create-host.ts';
import type { Host } from '../../src/host/host.ts';
import { defaultPaths } from '../../src/host/paths.ts';

/** Registered while the test file is read: in a hook vitest would forget it. */
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/**
 * A host whose state is a scratch folder, gone after the file's tests. Its cache is the user's own unless asked for
 * otherwise: templates are named by their content, and making them is what takes long.
 */
export async function testHost(options: { ownCache?: boolean } = {}): Promise<Host> {
  const folder = await mkdtemp(join(tmpdir(), 'vmt-'));
  folders.push(folder);
  return createHost({
    paths: {
      state: join(folder, 'state'),
      cache: options.ownCache ? join(folder, 'cache') : defaultPaths().cache,
    },
  });
}
