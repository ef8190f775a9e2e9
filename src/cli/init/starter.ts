/** A matrix file that runs on this host, every line explained, so that the first run needs no manual. */
import type { Surroundings } from './look-around.ts';

/** Real images when this host can start them, else a make-believe machine: the file must run as it is. */
export function starterFile(found: Surroundings): string {
  const targets = runsImages(found)
    ? found.images.map((image) => qemuTarget(image, found))
    : [fakeTarget(found)];
  return `# What to test, on which machines. Every key: docs/matrix-file.md of vmtest.
version: 1

targets:
${targets.join('')}
matrix: # every combination of these is a cell; each cell is one clean machine
  version: [1.9, 1.10] # reaches the test as $VMTEST_VERSION; values keep their text: 1.10 stays 1.10
  # target: [...] # without this line: all targets

test:
  # upload: { from: ., to: work } # your tree; .gitignore is honoured
  run: echo "testing version $VMTEST_VERSION on $VMTEST_TARGET"
  # results: ["reports/**/*.xml"] # JUnit, TAP and other result files that the test leaves in the guest
  # artifacts: ["logs/**"] # other files to bring back
  timeout: 15m

# retries: { test: 0, error: 1 } # \`error\` is the machine's or the host's; each retry starts from the clean state again
`;
}

export function runsImages({ qemu, images }: Surroundings): boolean {
  return qemu.available && images.length > 0;
}

function qemuTarget(image: string, { qemu, keys: [key] }: Surroundings): string {
  const name = image.replace(/\.\w+$/, '').replace(/[^\w.-]+/g, '-');
  const way =
    key === undefined
      ? '{ user: root } # by the QEMU guest agent; for SSH add `key: id_ed25519` or a password'
      : `{ user: root, key: ${JSON.stringify(key)} } # by the QEMU guest agent if the image has it, else by SSH`;
  return `  ${JSON.stringify(name)}: # the name is yours
    engine: qemu # found here: ${[qemu.version, qemu.acceleration].filter(Boolean).join(', ')}
    image: ${JSON.stringify(image)} # raw or qcow2; never written to, every cell gets an overlay
    snapshot: clean # made on first use: booted once, then every cell starts from the running machine
    os: linux
    memory: 1G
    guest: ${way}

`;
}

function fakeTarget({ qemu }: Surroundings): string {
  const why = qemu.available ? 'there is no disk image in this folder' : 'QEMU was not found here';
  return `  make-believe: # the name is yours
    engine: fake # no machine at all (${why}): shows what a run looks like
    snapshot: clean

  # A real one, once there is an image:
  # my-linux:
  #   engine: qemu
  #   image: my-linux.qcow2 # raw or qcow2; never written to, every cell gets an overlay
  #   snapshot: clean # made on first use: booted once, then every cell starts from the running machine
  #   os: linux
  #   memory: 1G
  #   guest: { user: root } # by the QEMU guest agent; for SSH add \`key: id_ed25519\` or a password

`;
}
