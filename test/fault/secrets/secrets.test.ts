// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of a matrix file
/**
 * Where secrets of a run can be seen while it lasts, and after: in words of commands, which others on the host can read, and in
 * files; by every way into guests.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { i386Guest, tinyGuest } from '../../support/guests.ts';
import { project, SHARED_CACHE } from '../../support/project.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { useSixEngines } from '../../support/use-six-engines.ts';
import { shapesOf } from './shapes.ts';
import { filesWith, watchFiles } from './watch-files.ts';

const vm = `vmtest-secrets-${process.pid}`;
const TOKEN = 'tok-EN/of+some=one 7Qx';
/** Root's in every guest here. */
const PASSWORD = 'tiny';
const REPORTERS = ['plain', 'json', 'junit', 'ctrf', 'html', 'github', 'events'];
/** In a folder of the machine's that nobody else may look into, while the engine copies it into the guest. */
const ON_ITS_WAY = /\/machines\/\w+\/(guestcontrol|vmrun)-\w+\/[\w.-]+$/;
const engines = useSixEngines(vm);

/** Each way into a guest → keys of its target. */
async function targets(): Promise<Record<string, string>> {
  const { image, key } = await tinyGuest();
  const { kernel, initrd, append } = await i386Guest();
  const guest = (rest: string) => `guest: { user: root, password: "\${{ env.ROOT_PASSWORD }}", ${rest} }`;
  const qemu = (channel: string) =>
    `engine: qemu, image: ${image}, memory: 128M, ${guest(`key: ${key}, channel: ${channel}`)}`;
  const named = (engine: string, rest: string) =>
    `engine: ${engine}, vm: ${engine === 'vmware' ? engines().vmx : vm}, snapshot: clean, ${guest(rest)}`;
  return {
    'qemu-agent': qemu('agent'),
    'qemu-ssh': qemu('ssh'),
    'qemu-console': qemu('console'),
    v86: `engine: v86, kernel: ${kernel}, initrd: ${initrd}, append: ${append}, memory: 96M, guest: { channel: console }`,
    'libvirt-agent': named('libvirt', 'channel: agent'),
    'libvirt-ssh': named('libvirt', `key: ${key}, channel: ssh`),
    'virtualbox-agent': named('virtualbox', 'channel: agent'),
    'virtualbox-ssh': named('virtualbox', 'channel: ssh'),
    'vmware-agent': named('vmware', 'channel: agent'),
    'parallels-agent': named('parallels', 'channel: agent'),
    'hyperv-ssh': named('hyperv', 'channel: ssh, port: 2222'),
  };
}

/** @param padding bytes that make the script longer, as some go into guests by other ways then. */
function matrixText(ways: Record<string, string>, padding: number): string {
  const hash = createHash('sha256').update(TOKEN).digest('hex');
  const arrived = `[ "$(printf %s "$API_TOKEN" | sha256sum | cut -c 1-64)" = ${hash} ]`;
  return `version: 1
targets:
${Object.entries(ways)
  .map(([name, keys]) => `  ${name}: { ${keys} }`)
  .join('\n')}
test:
  env: { API_TOKEN: "\${{ env.API_TOKEN }}" }
  setup: |
    ${arrived}
    echo "$API_TOKEN"
  run: |
    ${arrived} || exit 9
    echo "$API_TOKEN"
    sleep 1 # ${'.'.repeat(padding)}
`;
}

test.each([
  ['every way in', 0, /./],
  ['a script too long for one argument of an agent', 30_000, /agent/],
  ['a script too long for one argument of a program', 140_000, /agent/],
])('are in no word of a command and in no file: %s', async (_, padding, which) => {
  const ways = Object.fromEntries(Object.entries(await targets()).filter(([name]) => which.test(name)));
  const own = await scratchFolder();
  const at = (name: string) => join(own, name);
  await mkdir(at('tmp'));
  await bundle(new URL('started.ts', import.meta.url), at('started.mjs'));
  const p = await project(
    { 'matrix.yml': matrixText(ways, padding) },
    {
      ...SHARED_CACHE,
      ...engines().standIns.env(),
      ...{ API_TOKEN: TOKEN, ROOT_PASSWORD: PASSWORD },
      ...{
        TMPDIR: at('tmp'),
        NODE_OPTIONS: `--import=${at('started.mjs')}`,
        VMTEST_STARTED: at('started.ndjson'),
      },
    },
  );
  const shapes = shapesOf(TOKEN);
  const over = new AbortController();
  const seen = watchFiles([p.stateFolder, at('tmp')], shapes, over.signal);
  const reporters = REPORTERS.flatMap((name) => ['-r', name]);
  const { exitCode, stdout, stderr } = await p.vmtest(
    'run',
    '--verbose',
    '--record',
    'told.ndjson',
    ...reporters,
  );
  over.abort();
  expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });

  const commands = (await readFile(at('started.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line): string[] => JSON.parse(line));
  const programs = new Set(commands.map(([file = '']) => basename(file)));
  expect([...programs]).toEqual(expect.arrayContaining(['virsh', 'VBoxManage', 'vmrun', 'prlctl']));
  expect(commands.filter((words) => shapes.some((shape) => words.join(' ').includes(shape)))).toEqual([]);
  const withPassword = commands.filter((words) => words.includes(PASSWORD));
  // vmrun takes it in no other way: docs/security.md.
  expect(withPassword.filter(([file]) => basename(file ?? '') !== 'vmrun')).toEqual([]);

  const files = [
    ...(await seen),
    ...(await filesWith(p.path(), shapes)),
    // virsh keeps a history of what it is typed.
    ...(await filesWith(join(SHARED_CACHE.XDG_CACHE_HOME, 'libvirt'), shapes)),
  ];
  expect(files.filter((file) => !ON_ITS_WAY.test(file))).toEqual([]);
  expect(`${stdout}${stderr}`).not.toContain(TOKEN);
  const { standIns, libvirt } = engines();
  expect([...(await standIns.leftovers()), ...(await libvirt.leftovers())]).toEqual([]);
});
