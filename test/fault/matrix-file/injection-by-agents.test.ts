/** The same texts on their way into guests by the agents of engines, which take them by words, lines typed or files. */
import { expect, test } from 'vitest';
import { project } from '../../support/project.ts';
import { useSixEngines } from '../../support/use-six-engines.ts';
import { MARK, matrixFile, obeyed, TEXTS } from './texts.ts';

const vm = `vmtest-texts-${process.pid}`;
const engines = useSixEngines(vm);

test('values of variables reach guests as they are', async () => {
  const target = (engine: string) => ({
    engine,
    vm: engine === 'vmware' ? engines().vmx : vm,
    snapshot: 'clean',
    guest: { user: 'root', password: 'tiny', channel: 'agent' },
  });
  const names = TEXTS.map((_, index) => `T${index}`);
  const words = names.map((name) => `"$${name}"`).join(' ');
  const p = await project(
    {
      'matrix.yml': matrixFile({
        version: 1,
        targets: Object.fromEntries(
          ['libvirt', 'virtualbox', 'vmware', 'parallels'].map((engine) => [engine, target(engine)]),
        ),
        test: {
          env: Object.fromEntries(TEXTS.map((text, index) => [names[index], text])),
          run: `printf '%s\\0' ${words} >texts && ! test -e ${MARK} && ! test -e /tmp/${MARK}`,
          artifacts: ['texts'],
        },
      }),
    },
    engines().standIns.env(),
  );
  const { exitCode, stdout, stderr } = await p.vmtest('run');
  expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
  const { cells } = await p.results();
  expect(cells).toHaveLength(4);
  for (const { engine, files } of cells) {
    const came = await p.read('vmtest-results', files.artifacts?.[0] ?? 'no texts');
    expect({ engine, texts: came.split('\0') }).toEqual({ engine, texts: [...TEXTS, ''] });
  }
  expect(await obeyed()).toBe(false);
});
