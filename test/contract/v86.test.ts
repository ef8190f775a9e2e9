import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v86Driver } from '../../drivers/v86/driver.ts';
import { i386Guest } from '../support/guests.ts';
import { targetOf } from '../support/targets.ts';
import { testHost } from '../support/test-host.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('v86', { realGuest: true, builtIn: true }, async () => {
  const { kernel, initrd, append } = await i386Guest();
  const host = await testHost();
  const machine = { memory: 96 * 1024 ** 2, guest: { channel: 'console' as const } };
  const boot = { kernel, initrd, append };
  const missing = '/nowhere/file';
  const broken = (options: Record<string, unknown>, more = {}) =>
    targetOf('v86', { ...boot, ...options }, { ...machine, ...more });
  return {
    driver: v86Driver,
    target: targetOf('v86', boot, machine),
    host,
    broken: [
      { why: 'no kernel', target: broken({ kernel: missing }), code: 'V86_FILE_MISSING' },
      { why: 'no image', target: broken({ image: missing }), code: 'V86_FILE_MISSING' },
      { why: 'a folder', target: broken({ cdrom: '/' }), code: 'V86_NOT_A_FILE' },
      { why: 'no BIOS', target: broken({ bios: missing }), code: 'V86_BIOS_MISSING' },
      { why: 'two processors', target: broken({}, { cpus: 2 }), code: 'V86_ONE_CPU' },
      { why: 'little memory', target: broken({}, { memory: 64 * 1024 ** 2 }), code: 'V86_MEMORY_TOO_SMALL' },
    ],
    unreachable: [
      {
        why: 'nobody answers',
        target: targetOf(
          'v86',
          { ...boot, append: `${append} tiny.panic=1` },
          { ...machine, snapshot: 'none' },
        ),
        says: /console/,
      },
    ],
    leftovers: async () => {
      const machines = await readdir(join(host.paths.state, 'machines')).catch(() => []);
      return [...machines, ...(await machineProcesses(host.paths.state))];
    },
  };
});

/** Command lines of living machines whose files lie below a folder. */
async function machineProcesses(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  const ours = (await Promise.all(lines)).filter((argv) => argv.includes(`--control\0${folder}`));
  return ours.map((argv) => argv.replaceAll('\0', ' '));
}
