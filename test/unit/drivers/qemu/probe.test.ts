import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { probeQemu } from '../../../../drivers/qemu/probe.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const signal = new AbortController().signal;
const WELL =
  'case "$*" in *help*) echo "Accelerators supported in QEMU binary:"; echo tcg;; *) echo "QEMU version 7.2.0";; esac';

/** Programs for `PATH`, each with its script. */
async function programs(scripts: Record<string, string>): Promise<void> {
  const folder = await scratchFolder();
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', `${folder}:/bin:/usr/bin`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

function all(script: string): Record<string, string> {
  return { 'qemu-system-x86_64': script, 'qemu-system-aarch64': script, 'qemu-img': WELL };
}

test.each([
  ['fails', 'echo "no space left on the moon" >&2; exit 9', /no space left on the moon/],
  ['dies', 'echo "QEMU emulator ver"; kill -KILL $$', /ended by SIGKILL/],
  ['says what is no version', 'echo 42', /makes no sense: "42\\n"/],
])('a QEMU that %s is not usable, and it is told why', async (_, script, why) => {
  await programs(all(script));
  const { available, findings } = await probeQemu({ host: createHost(), signal });
  expect({ available, findings }).toEqual({
    available: false,
    findings: Array(2).fill(expect.stringMatching(why)),
  });
});

test('what a QEMU said is not remembered before it makes sense', async () => {
  const folder = await scratchFolder();
  const once = `[ -e ${folder}/asked ] || { : > ${folder}/asked; exit 9; }; ${WELL}`;
  await programs({ ...all(WELL), 'qemu-img': once });
  const context = { host: createHost(), signal };
  await probeQemu(context);
  expect(await probeQemu(context)).toMatchObject({ available: true });
});

test('a QEMU for the other architecture that does not work keeps nobody from this one', async () => {
  const other = process.arch === 'arm64' ? 'qemu-system-x86_64' : 'qemu-system-aarch64';
  await programs({ ...all(WELL), [other]: 'exit 9' });
  expect(await probeQemu({ host: createHost(), signal })).toMatchObject({
    available: true,
    findings: expect.arrayContaining([expect.stringContaining('ended with 9')]),
  });
});
