/** One matrix, six engines: examples/six-engines as a person runs it, with his own names of VM, image and key filled in. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tinyGuest } from '../support/guests.ts';
import { project, SHARED_CACHE } from '../support/project.ts';
import { useSixEngines } from '../support/use-six-engines.ts';

/** Engine → the program that drives it. */
const PROGRAMS = {
  qemu: 'qemu-system-x86_64',
  libvirt: 'virsh',
  virtualbox: 'VBoxManage',
  vmware: 'vmrun',
  hyperv: 'pwsh',
  parallels: 'prlctl',
};

const EXAMPLE = fileURLToPath(new URL('../../examples/six-engines', import.meta.url));
const vm = `vmtest-six-${process.pid}`;
const engines = useSixEngines(vm);

async function filledIn(): Promise<string> {
  const { image, key } = await tinyGuest();
  let text = await readFile(join(EXAMPLE, 'matrix.yml'), 'utf8');
  const mine = { vm, vmx: engines().vmx, image, key, port: '2222', from: join(EXAMPLE, 'tests') };
  for (const [name, value] of Object.entries(mine)) {
    const line = new RegExp(`\\b${name}: [^,\\n$]+?(?=,| #|\\n)`);
    expect(text).toMatch(line);
    text = text.replace(line, `${name}: ${value}`);
  }
  return text;
}

test('passes on all six, says which is which, and which commands it took', async () => {
  const { standIns, libvirt } = engines();
  const p = await project({ 'matrix.yml': await filledIn() }, { ...standIns.env(), ...SHARED_CACHE });
  const { exitCode, stdout, stderr } = await p.vmtest('run', '--verbose');
  expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });

  const { cells } = await p.results();
  expect(cells.map(({ engine }) => engine)).toEqual(Object.keys(PROGRAMS));
  const junit = await p.read('vmtest-results', 'junit.xml');
  for (const { engine, engineVersion, tests, suites, files } of cells) {
    expect({ engine, engineVersion, tests }).toMatchObject({
      engineVersion: expect.stringMatching(/\d/),
      tests: { total: 3, passed: 3 },
    });
    expect(suites[0]?.cases.map(({ name }) => name)).toContain('the machine is clean');
    expect(junit).toContain(`<property name="vmtest.engine" value="${engine}"/>`);
    const program = PROGRAMS[engine as keyof typeof PROGRAMS];
    const log = await p.read('vmtest-results', files.engine ?? 'no engine.log');
    expect(log).toMatch(new RegExp(`^[\\d:.]+ +(started|[\\d.]+ s) .*${program}`, 'm'));
    expect(stderr).toContain(log.split('\n', 1)[0]);
  }
  expect([...(await standIns.leftovers()), ...(await libvirt.leftovers())]).toEqual([]);
});

test('of several engines takes the first that works here, and says why not the others', async () => {
  const { standIns } = engines();
  await rm(join(standIns.bin, 'prlctl'));
  const { key } = await tinyGuest();
  const text = `version: 1
targets:
  box: { engine: [parallels, virtualbox], vm: ${vm}, snapshot: clean, guest: { user: root, key: ${key} } }
test: { run: uname }
`;
  const p = await project({ 'matrix.yml': text }, standIns.env());
  const { exitCode, stdout } = await p.vmtest(
    'run',
    '-r',
    'plain',
    '-r',
    'json',
    '--record',
    'answers.ndjson',
  );
  expect(exitCode).toBe(0);
  const why = 'Parallels Desktop runs on Macs only';
  expect(stdout).toMatch(
    new RegExp(`virtualbox [\\d.]+, linked clone .*; parallels cannot be used here: ${why}`),
  );
  expect((await p.results()).cells).toEqual([
    expect.objectContaining({ engine: 'virtualbox', passedOver: [{ engine: 'parallels', reason: why }] }),
  ]);

  const [host, ...commands] = (await p.read('answers.ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(host).toMatchObject({ vmtest: expect.any(String), os: expect.stringContaining('linux') });
  expect(commands[0]).toMatchObject({ argv: ['prlctl', '--version'], error: 'COMMAND_NOT_FOUND' });
  const ofCell = commands.filter(({ cell }) => cell === 'box');
  expect(ofCell.map(({ argv }) => argv[1])).toEqual(
    expect.arrayContaining(['clonevm', 'startvm', 'unregistervm']),
  );
  expect(ofCell.find(({ argv }) => argv[1] === 'clonevm')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('successfully cloned'),
  });
});
