/** Texts of a matrix file that a shell, an option parser or a glob would make something of: everywhere they stay texts. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Driver } from '../../../drivers/driver.ts';
import { loadDriver } from '../../../drivers/registry.ts';
import type { Host } from '../../../src/host/host.ts';
import { installStandIns } from '../../standins/install.ts';
import { installParallels } from '../../standins/prlctl/install.ts';
import { tinyGuest } from '../../support/guests.ts';
import { testLibvirt } from '../../support/libvirt.ts';
import { project } from '../../support/project.ts';
import { targetOf } from '../../support/targets.ts';
import { testHost } from '../../support/test-host.ts';
import { MARK, matrixFile, obeyed, TEXTS } from './texts.ts';

test('values of axes and variables reach the guest as they are', async () => {
  const { key, kernel, initrd, append } = await tinyGuest();
  const p = await project({
    'matrix.yml': matrixFile({
      version: 1,
      targets: {
        tiny: { engine: 'qemu', kernel, initrd, append, memory: '128M', guest: { key, channel: 'agent' } },
      },
      matrix: { target: ['tiny'], text: TEXTS },
      test: {
        env: { OTHER: `x$\{{ matrix.text }}` },
        run: `printf %s "$VMTEST_TEXT" >text && printf %s "$OTHER" >other && ! test -e ${MARK} && ! test -e /tmp/${MARK}`,
        artifacts: ['text', 'other'],
      },
      limits: { jobs: 2 },
    }),
  });
  const { exitCode, stdout, stderr } = await p.vmtest('run', 'matrix.yml');
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 });
  const { cells } = await p.results();
  const came = await Promise.all(
    cells.map(({ files }) =>
      Promise.all((files.artifacts ?? []).map((path) => p.read('vmtest-results', path))),
    ),
  );
  expect(came).toEqual(TEXTS.map((text) => [`x${text}`, text]));
  expect(await obeyed()).toBe(false);
});

test('a text that no environment can hold is refused, with its place', async () => {
  const p = await project({
    'matrix.yml':
      'version: 1\ntargets: { t: { engine: fake } }\nmatrix: { target: [t], text: ["a\\0b"] }\ntest: { run: x }\n',
  });
  const { exitCode, stderr } = await p.vmtest('run', 'matrix.yml');
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('matrix.yml:3'),
  });
});

describe('names of VMs and snapshots are names to', () => {
  const hosts: Record<string, Host> = {};
  beforeAll(async () => {
    const installed = {
      virtualbox: await installStandIns({ VBoxManage: 'vboxmanage/main.ts' }),
      hyperv: await installStandIns({ pwsh: 'powershell/main.ts' }),
      parallels: await installParallels(),
      vmware: await installStandIns({ vmrun: 'vmrun/main.ts', 'vmware-vmx': 'vmrun/vmware-vmx.ts' }),
    };
    for (const [engine, { host }] of Object.entries(installed)) hosts[engine] = host;
    const libvirt = await testLibvirt();
    await libvirt.end();
    hosts['libvirt'] = await testHost();
  });

  test.each(['libvirt', 'virtualbox', 'vmware', 'hyperv', 'parallels'])('%s', async (engine) => {
    const driver: Driver = await loadDriver(engine);
    const host = hosts[engine] as Host;
    const signal = new AbortController().signal;
    for (const text of TEXTS) {
      const options = { vm: text, clone: 'auto', 'if-running': 'fail', uri: 'qemu:///system' };
      const target = targetOf(engine, options, { snapshot: text, guest: { password: 'x', user: text } });
      const { problems } = await driver.check(target, { host, signal });
      expect(problems, text).toMatchObject([{ code: 'VM_MISSING' }]);
    }
    expect(await obeyed()).toBe(false);
  });
});
