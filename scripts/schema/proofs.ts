/** What shows that an engine can do what its driver says of it: a test for each ability, and what stood behind it. */
import type { Capabilities } from '../../drivers/driver.ts';

/**
 * - `real`: the engine itself, with a guest in it.
 * - `tool`: a stand-in with real guests behind it, whose answers in this are held against those of the vendor's own tool.
 * - `stand-in`: the same, held against documentation only.
 * - `documents`: written after documentation; tested are its requests and its refusals, nothing of it has run in a guest.
 * - `program`: what a driver is told to run does it; proven with one such program.
 */
export type Backing = 'real' | 'tool' | 'stand-in' | 'documents' | 'program';

export interface Proof {
  by: Backing;
  /** Path of the test. */
  test: string;
  /** Part of the test's name; for abilities that all engines share, of one in the contract's suite. */
  name: string;
}

export type Ability = Exclude<keyof Capabilities, 'parallel'>;

const CLONES = 'two machines live side by side, and neither sees the other';
const LOOKS = 'console and screenshot are there when the engine says so';
const contract = (by: Backing, engine: string, name: string): Proof => ({
  by,
  test: `test/contract/${engine}.test.ts`,
  name,
});
const engine = (by: Backing, path: string, name: string): Proof => ({
  by,
  test: `test/engine/${path}.test.ts`,
  name,
});

/** Engine → ability → proof. A test holds it against what the drivers say, and against the tests that are there. */
export const PROOFS: Readonly<Record<string, Partial<Record<Ability, Proof>>>> = {
  qemu: {
    liveSnapshot: engine('real', 'qemu/driver-template', 'is made on first use, used again'),
    linkedClone: contract('real', 'qemu', CLONES),
    agent: engine('real', 'qemu/guest-commands', 'a command has its user, home, exit, outputs and no stdin'),
    portForward: engine('real', 'qemu/driver-boot', 'two machines at once have ports of their own'),
    console: contract('real', 'qemu', LOOKS),
    screenshot: contract('real', 'qemu', LOOKS),
  },
  libvirt: {
    liveSnapshot: contract('real', 'libvirt', 'in the domain itself, with memory'),
    linkedClone: engine('real', 'libvirt/run', 'four cells at once on one domain'),
    agent: contract('real', 'libvirt', 'in the domain itself, with memory'),
    console: contract('real', 'libvirt', LOOKS),
    screenshot: contract('real', 'libvirt', LOOKS),
  },
  virtualbox: {
    liveSnapshot: engine('stand-in', 'virtualbox/live', 'a cell goes on where it was taken, every time'),
    linkedClone: contract('tool', 'virtualbox', CLONES),
    agent: engine('stand-in', 'virtualbox/failures', 'the Guest Additions: not ready, wrong password'),
    portForward: contract('stand-in', 'virtualbox', 'a machine opens, starts, runs a command, and is gone'),
    console: contract('stand-in', 'virtualbox', LOOKS),
    screenshot: contract('stand-in', 'virtualbox', LOOKS),
  },
  vmware: {
    liveSnapshot: engine('stand-in', 'vmware/snapshots', 'one with memory leaves the VM suspended'),
    linkedClone: contract('stand-in', 'vmware', CLONES),
    agent: engine('stand-in', 'vmware/guest', 'commands with their outputs and exit codes'),
    console: contract('stand-in', 'vmware', LOOKS),
    screenshot: contract('stand-in', 'vmware', LOOKS),
  },
  hyperv: {
    liveSnapshot: engine(
      'stand-in',
      'hyperv/in-place',
      'a guest goes on where a checkpoint with memory was taken',
    ),
    linkedClone: contract('stand-in', 'hyperv', CLONES),
    agent: {
      by: 'documents',
      test: 'test/unit/drivers/hyperv/powershell-direct.test.ts',
      name: 'a program starts with its words and its input',
    },
    screenshot: contract('stand-in', 'hyperv', LOOKS),
  },
  parallels: {
    liveSnapshot: engine(
      'stand-in',
      'parallels/in-place',
      'a snapshot with memory goes on running where it was',
    ),
    linkedClone: contract('stand-in', 'parallels', CLONES),
    agent: engine('stand-in', 'parallels/in-place', 'by Parallels Tools alone, however they behave'),
    console: contract('stand-in', 'parallels', LOOKS),
    screenshot: contract('stand-in', 'parallels', LOOKS),
  },
  v86: {
    liveSnapshot: engine('real', 'v86/driver-boot', 'goes on from a saved state where it was'),
    linkedClone: contract('real', 'v86', CLONES),
    portForward: engine('real', 'v86/driver-boot', 'the network'),
    console: contract('real', 'v86', LOOKS),
    screenshot: engine('real', 'v86/driver-boot', 'is pictured with what the guest shows'),
  },
  command: {
    linkedClone: contract('program', 'command', CLONES),
    agent: engine('program', 'command/exec', 'commands and trees of files go by exec'),
    console: contract('program', 'command', LOOKS),
    screenshot: contract('program', 'command', LOOKS),
  },
  fake: {},
};
