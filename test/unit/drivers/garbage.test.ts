/** Engines that answer anything at all: whoever looks at them says so in words, and never trips over it. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDriver } from '../../../drivers/registry.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { toVmtestError } from '../../../src/host/errors.ts';
import type { ExecResult } from '../../../src/host/exec.ts';
import type { Host } from '../../../src/host/host.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';

const usual = { clone: 'auto', 'if-running': 'fail' };
const ENGINES: Readonly<Record<string, Record<string, unknown>>> = {
  qemu: { kernel: '/dev/null' },
  libvirt: { vm: 'debian', uri: 'qemu:///system', ...usual },
  virtualbox: { vm: 'debian', ...usual },
  // Its file says what it is: a text that means nothing.
  vmware: { vm: '/dev/null', ...usual },
  hyperv: { vm: 'debian', ...usual },
  parallels: { vm: 'debian', ...usual },
};

const NOISE = [
  '',
  '\u0001\u00ff Segmentation fault (core dumped)\n',
  '{"unexpected": [1, null, {"a": {}}]}\n',
  '[]\n',
  '[null]\n',
  '[{}]\n',
  'null\n',
  '42\n',
  '"debian"\n',
  'WARNING: the answer is 42\n\n\n=\n:::\n',
  '<domain><name/></domain>\n',
  '<<<>&;]]>\n',
  '===Begin-Output===\r\nnull\r\n===End-Output===\r\n',
  '===Begin-Output===\r\n[7]\r\n===End-Output===\r\n',
  '===Begin-Output===\r\n{"vm":null}\r\n===End-Output===\r\n',
  '===Begin-Error===\r\n[]\r\n===End-Error===\r\n',
  'name="debian"\nUUID=\nmemory=many\nSnapshotName\n',
  'debian\n',
];

/** What a program prints that trips over an answer. */
const TRIPPED =
  /undefined|\[object |NaN|is not (?:iterable|a function)|Cannot (?:read|destructure)|Unexpected token/;

async function answering(stdout: string, ended: Partial<ExecResult> = {}): Promise<Host> {
  const folder = await scratchFolder();
  const host = createHost({ paths: { state: join(folder, 'state'), cache: join(folder, 'cache') } });
  const exec = async () => ({ exitCode: 0, signal: undefined, stdout, stderr: '', ...ended });
  return { ...host, exec };
}

describe.each(Object.entries(ENGINES))('%s', (engine, options) => {
  test.each(NOISE)('that says %j', async (noise) => {
    const driver = await loadDriver(engine);
    for (const ended of [{}, { exitCode: 1, stderr: noise }, { exitCode: undefined, signal: 'SIGKILL' }]) {
      const context = { host: await answering(noise, ended), signal: AbortSignal.timeout(30_000) };
      const said: string[] = [];
      const tell = (thrown: unknown) => {
        const { code, message, details = '' } = toVmtestError(thrown);
        said.push(code === 'INTERNAL' ? `INTERNAL ${details}` : message);
      };
      await driver.probe(context).then(({ findings }) => said.push(...findings), tell);
      const check = driver.check(targetOf(engine, options), context);
      await check.then(
        ({ problems }) => said.push(...problems.map(({ code, message }) => `${code}: ${message}`)),
        tell,
      );
      expect(said.filter((words) => TRIPPED.test(words) || words.startsWith('INTERNAL'))).toEqual([]);
    }
  });
});
