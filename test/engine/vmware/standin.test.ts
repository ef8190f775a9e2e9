/** The stand-in for vmrun is as strict as the vendor's program. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Vmware, vmware } from './support.ts';

let engine: Vmware;
let vmx: string;

beforeAll(async () => {
  engine = await vmware();
  vmx = await engine.newVm('strict vm');
  await engine.snapshot(vmx, 'clean');
});

async function answer(...args: string[]) {
  const { exitCode, stdout } = await engine.host.exec(['vmrun', ...args]);
  return { exitCode, stdout };
}

describe('forms that are not documented', () => {
  test.each([
    ['nothing at all', []],
    ['a flag that is not known', ['-x', 'y', 'list']],
    ['a host type that is not known', ['-T', 'esx', 'list']],
    ['a flag without its value', ['-T']],
  ])('%s: the usage', async (_what, args) => {
    const { exitCode, stdout } = await answer(...args);
    expect(exitCode).toBe(255);
    expect(stdout).toContain('Usage: vmrun [AUTHENTICATION-FLAGS] COMMAND [PARAMETERS]');
  });

  test.each([
    ['a command that is not known', () => ['listVMs'], 'Error: Unrecognized command: listvms\n'],
    ['too many words', () => ['list', 'all'], 'Error: Invalid argument\n'],
    ['a way to start that is not known', () => ['start', vmx, 'headless'], 'Error: Invalid argument\n'],
    [
      "Packer's two words for a snapshot",
      () => ['clone', vmx, '/tmp/x.vmx', 'linked', '-snapshot', 'clean', '-cloneName=x'],
      'Error: Invalid argument\n',
    ],
  ])('%s: an error', async (_what, args, stdout) => {
    expect(await answer('-T', 'ws', ...args())).toEqual({ exitCode: 255, stdout });
  });
});

describe("the vendor's texts", () => {
  test('names of commands have no case', async () => {
    expect(await answer('-T', 'ws', 'LISTsnapshots', vmx)).toEqual({
      exitCode: 0,
      stdout: 'Total snapshots: 1\nclean\n',
    });
  });

  test.each([
    ['stop', () => `Error: The virtual machine is not powered on: ${vmx}\n`],
    ['getGuestIPAddress', () => `Error: The virtual machine is not powered on: ${vmx}\n`],
  ])('%s of a VM that is off', async (command, stdout) => {
    expect(await answer('-T', 'ws', command, vmx)).toEqual({ exitCode: 255, stdout: stdout() });
  });

  test('a VM that is not there, and a snapshot that is not or is there already', async () => {
    const missing = join(engine.vms, 'none.vmx');
    expect((await answer('-T', 'ws', 'start', missing, 'nogui')).stdout).toBe(
      `Error: Cannot open VM: ${missing}, The virtual machine cannot be found\n`,
    );
    expect((await answer('-T', 'ws', 'revertToSnapshot', vmx, 'x')).stdout).toBe(
      'Error: The snapshot does not exist\n',
    );
    expect((await answer('-T', 'ws', 'snapshot', vmx, 'clean')).stdout).toBe(
      'Error: A snapshot with the name already exists\n',
    );
  });

  test('a running VM is neither started nor deleted, and its Tools answer later', async () => {
    expect(await answer('-T', 'ws', 'checkToolsState', vmx)).toEqual({ exitCode: 254, stdout: 'unknown\n' });
    await engine.vmrun('start', vmx, 'nogui');
    expect(await answer('-T', 'ws', 'list')).toEqual({
      exitCode: 0,
      stdout: `Total running VMs: 1\n${vmx}\n`,
    });
    expect((await answer('-T', 'ws', 'start', vmx, 'nogui')).stdout).toBe(
      'Error: The file is already in use\n',
    );
    expect((await answer('-T', 'ws', 'deleteVM', vmx)).stdout).toBe(
      'Error: The virtual machine should not be powered on. It is already running.\n',
    );
    const tools = () => engine.vmrun('checkToolsState', vmx);
    await expect.poll(tools, { timeout: 60_000 }).toBe('running\n');
    const login = ['-T', 'ws', '-gu', 'root', '-gp', 'tiny'];
    expect(await answer(...login, 'runProgramInGuest', vmx, '/bin/sh', '-c', '"exit 5"')).toEqual({
      exitCode: 255,
      stdout: 'Guest program exited with non-zero exit code: 5\n',
    });
    expect(await answer(...login, 'runProgramInGuest', vmx, 'sh')).toEqual({
      exitCode: 255,
      stdout: 'Error: A file was not found\n',
    });
    expect(await answer('-T', 'ws', 'runProgramInGuest', vmx, '/bin/true')).toEqual({
      exitCode: 255,
      stdout: 'Error: Invalid user name or password for the guest OS\n',
    });
    await engine.vmrun('stop', vmx, 'hard');
  });
});
