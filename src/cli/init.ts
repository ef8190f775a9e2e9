/** Writes a matrix file that fits this host, with every line explained, so that the first run needs no manual. */
import { readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VmtestError } from '../host/errors.ts';
import { absolutePath, ProbeOnce } from '../run/plan.ts';
import { EXIT } from './exit-codes.ts';
import { cliHost } from './host.ts';

export async function initCommand(options: { file: string; force?: boolean }): Promise<number> {
  const file = absolutePath(options.file);
  const probes = new ProbeOnce(cliHost({}), new AbortController().signal);
  const { probe } = await probes.of('qemu');
  const images = await imagesIn(dirname(file));
  const text = probe.available ? qemuFile(images[0]) : fakeFile();
  await write(file, text, options.force ?? false);
  process.stdout.write(`wrote ${options.file}\n`);
  if (!probe.available) {
    process.stdout.write(`No engine was found here, so its targets are make-believe. To get QEMU:\n`);
    for (const fix of probe.fixes) process.stdout.write(`  ${fix}\n`);
  } else if (images.length === 0) {
    process.stdout.write('Put a disk image in its place, then: vmtest doctor, vmtest run\n');
  } else {
    process.stdout.write('Next: vmtest doctor, vmtest run\n');
  }
  return EXIT.passed;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new VmtestError('FILE_EXISTS', `${file} is there already`, {
      hint: 'Write elsewhere with `vmtest init FILE`, or over it with --force.',
    });
  }
}

async function imagesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: false });
  return names.filter((name) => /\.(qcow2|img|raw)$/i.test(name)).sort();
}

function qemuFile(image: string | undefined): string {
  return `# What to test, on which machines. Every key: docs/matrix-file.md of vmtest.
version: 1

targets:
  my-linux: # the name is yours
    engine: qemu
    image: ${JSON.stringify(image ?? 'my-linux.qcow2')} # raw or qcow2; never written to, every test gets an overlay
    snapshot: clean # made on first use: booted once, then every test starts from the running machine
    os: linux
    memory: 1G
    # How to get in. With the QEMU guest agent in the image, this is all; for SSH add a key or a password:
    guest: { user: root } # key: id_ed25519

${TEST_PART}`;
}

function fakeFile(): string {
  return `# What to test, on which machines. Every key: docs/matrix-file.md of vmtest.
version: 1

targets:
  make-believe: # the name is yours
    engine: fake # no machine at all: shows what a run looks like
    snapshot: clean

${TEST_PART}`;
}

const TEST_PART = `matrix: # every combination of these is a cell; each cell is one clean machine
  version: [1.9, 1.10] # reaches the test as $VMTEST_VERSION

test:
  # upload: { from: ., to: work } # your tree; .gitignore is honoured
  run: echo "testing version $VMTEST_VERSION on $VMTEST_TARGET"
  # results: ["reports/**/*.xml"] # JUnit files that the test leaves in the guest
  timeout: 15m
`;
