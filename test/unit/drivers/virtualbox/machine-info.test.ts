import { describe, expect, it } from 'vitest';
import { parseMachineInfo } from '../../../../drivers/virtualbox/machine-info.ts';

const UUID = '0c1f2a3b-1111-2222-3333-444455556666';

/** As 7.1 prints it, shortened. */
function output(more: string[] = [], { name = 'vm', state = 'poweroff' } = {}): string {
  return `${[
    `name="${name}"`,
    'platformArchitecture="x86"',
    `UUID="${UUID}"`,
    'CfgFile="C:\\\\VMs\\\\my \\"vm\\"\\\\vm.vbox"',
    'memory=4096',
    'cpus=4',
    `VMState="${state}"`,
    'VMStateChangeTime="2026-02-10T09:12:44.123000000"',
    '"SATA-0-0"="C:\\\\VMs\\\\{7e}.vdi"',
    'natnet1="nat"',
    'macaddress1="080027a1b2c3"',
    'cableconnected1="on"',
    'nic1="nat"',
    'nictype1="82540EM"',
    'Forwarding(0)="ssh,tcp,127.0.0.1,2222,,22"',
    'Forwarding(1)="vmtest-ssh,tcp,127.0.0.1,2223,,22"',
    'nic2="none"',
    'hostonlyadapter3="vboxnet0"',
    'macaddress3="080027D4E5F6"',
    'nic3="hostonly"',
    ...more,
    'GuestMemoryBalloon=0',
  ].join('\n')}\n`;
}

describe('parseMachineInfo', () => {
  it('reads numbers, escaped texts, adapters and their rules', () => {
    expect(parseMachineInfo(output())).toEqual({
      uuid: UUID,
      name: 'vm',
      state: 'off',
      held: false,
      since: '2026-02-10T09:12:44.123000000',
      settingsFile: 'C:\\VMs\\my "vm"\\vm.vbox',
      memory: 4096 * 1024 ** 2,
      cpus: 4,
      architecture: 'x86',
      nics: [
        { slot: 1, kind: 'nat', mac: '080027A1B2C3', rules: ['ssh', 'vmtest-ssh'] },
        { slot: 3, kind: 'hostonly', mac: '080027D4E5F6', rules: [] },
      ],
    });
  });

  it.each([
    ['a \\"b\\" \\\\c é%', 'a "b" \\c é%'],
    ['-x', '-x'],
    ['two\nlines', 'two\nlines'],
    ['名前', '名前'],
    ['ends in a backslash\\\\', 'ends in a backslash\\'],
  ])('reads the name %j', (printed, name) => {
    expect(parseMachineInfo(output([], { name: printed }))).toMatchObject({ name, uuid: UUID });
  });

  it.each([
    ['poweroff', 'off'],
    ['aborted', 'off'],
    ['saved', 'saved'],
    ['aborted-saved', 'saved'],
    ['running', 'running'],
    ['paused', 'paused'],
    ['gurumeditation', 'broken'],
    ['restoringsnapshot', 'changing'],
    ['of a version to come', 'changing'],
  ])('calls the state %s %s', (printed, state) => {
    expect(parseMachineInfo(output([], { state: printed })).state).toBe(state);
  });

  it('knows that somebody has the VM by its session', () => {
    expect(parseMachineInfo(output(['SessionName="headless"'])).held).toBe(true);
    expect(parseMachineInfo(output(['SessionName=""'])).held).toBe(false);
  });

  it('is not misled by descriptions, and by what snapshots are called', () => {
    const info = parseMachineInfo(
      output([
        'description="two',
        'VMState=\\"running\\"',
        '"',
        'SnapshotName="x"',
        'VMState="running"',
        'UUID="evil"',
        'SessionName="evil"',
        'nic1="bridged"',
        'CurrentSnapshotNode="SnapshotName"',
        '""',
        'SnapshotUUID="1"',
        'CurrentSnapshotNode="SnapshotName-1"',
        'SessionName="GUI/Qt"',
      ]),
    );
    expect(info).toMatchObject({ state: 'off', uuid: UUID, held: true });
    expect(info.nics).toHaveLength(2);
  });

  it('reads the output of Windows, whose line ends the tool has taken away, and that of 6.1', () => {
    const old = output()
      .replace('platformArchitecture="x86"\n', '')
      .replace(/memory=.*\n/, '');
    expect(parseMachineInfo(old)).toMatchObject({ architecture: undefined, memory: 0, cpus: 4 });
  });

  it.each(['', 'garbage', 'name="x"', '\0\0', 'name="never ends\nUUID="x"'])('refuses %j', (text) => {
    expect(() => parseMachineInfo(text)).toThrow(expect.objectContaining({ code: 'VIRTUALBOX_OUTPUT' }));
  });
});
