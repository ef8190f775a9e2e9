import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { commandDriver } from '../../drivers/command/driver.ts';
import { exampleTarget } from '../support/command-engine.ts';
import { tinyGuest } from '../support/guests.ts';
import { engineProcesses } from '../support/processes.ts';
import { testHost } from '../support/test-host.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('command, with the program of examples/command', { realGuest: true }, async () => {
  const host = await testHost();
  const { kernel, initrd, append, image } = await tinyGuest();
  const sh = (script: string) => ({ commands: { probe: ['sh', '-c', script] } });
  const problem = '{"problems":[{"code":"QEMU_OLD","message":"too old","hint":"Upgrade it."}]}';
  return {
    driver: commandDriver,
    target: await exampleTarget(),
    host,
    broken: [
      {
        why: 'no program',
        target: await exampleTarget({ program: ['./nowhere.sh'] }),
        code: 'COMMAND_PROGRAM_MISSING',
      },
      {
        why: 'no program in PATH',
        target: await exampleTarget({ program: ['no-such-engine'] }),
        code: 'COMMAND_PROGRAM_MISSING',
      },
      {
        why: 'not executable',
        target: await exampleTarget({ program: ['./matrix.yml'] }),
        code: 'COMMAND_NOT_EXECUTABLE',
      },
      {
        why: 'no folder',
        target: await exampleTarget({ folder: '/nowhere' }),
        code: 'COMMAND_FOLDER_MISSING',
      },
      {
        why: 'no guest',
        target: await exampleTarget({ with: { kernel: '/no', initrd: '/no', disk: '/no' } }),
        code: 'COMMAND_FAILED',
      },
      {
        why: 'what the program says',
        target: await exampleTarget(sh(`echo '${problem}'`)),
        code: 'QEMU_OLD',
      },
      { why: 'no answer', target: await exampleTarget(sh('echo ready')), code: 'COMMAND_ANSWER' },
      { why: 'no way in', target: await exampleTarget(sh('')), code: 'COMMAND_NO_WAY_IN' },
      {
        why: 'not this way',
        target: await exampleTarget({}, { guest: { channel: 'console' } }),
        code: 'COMMAND_NO_WAY_IN',
      },
      {
        why: 'no restore',
        target: await exampleTarget({ program: undefined, commands: { start: ['true'], release: ['true'] } }),
        code: 'COMMAND_VERB_MISSING',
      },
    ],
    unreachable: [
      {
        why: 'wrong credentials',
        target: await exampleTarget({}, { guest: { password: 'wrong' } }),
        says: /does not let root in/,
      },
      {
        why: 'nobody answers',
        target: await exampleTarget({
          with: { kernel, initrd, disk: image, append: `${append} tiny.sshd=0` },
        }),
        says: /ssh: 127\.[\d.]+:\d+/,
      },
    ],
    leftovers: async () => {
      const machines = await readdir(join(host.paths.state, 'machines')).catch(() => []);
      return [...machines, ...(await engineProcesses(host.paths.state))];
    },
  };
});
