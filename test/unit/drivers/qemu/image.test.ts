import { expect, test } from 'vitest';
import { inspectImage } from '../../../../drivers/qemu/image.ts';
import type { ExecResult } from '../../../../src/host/exec.ts';
import type { Host } from '../../../../src/host/host.ts';

const signal = new AbortController().signal;

function toolThat(ended: Partial<ExecResult>) {
  const exec = async () => ({ exitCode: 0, signal: undefined, stdout: '', stderr: '', ...ended });
  return { host: { exec } as unknown as Host, program: 'qemu-img', signal };
}

const INFO = { filename: 'disk.img', format: 'raw', 'virtual-size': 4096 };

test('an image is what qemu-img says of it', async () => {
  const tool = toolThat({ stdout: JSON.stringify([INFO]) });
  expect(await inspectImage(tool, '/disk.img')).toMatchObject({
    format: 'raw',
    virtualSize: 4096,
    backing: [],
  });
});

test.each([
  '',
  'noise',
  '{}',
  'null',
  '[]',
  '[null]',
  '[{"format":"raw"}]',
  JSON.stringify([INFO, { ...INFO, filename: null }]),
  JSON.stringify([{ ...INFO, snapshots: {} }]),
])('an answer that makes no sense is told as it is: %s', async (stdout) => {
  await expect(inspectImage(toolThat({ stdout }), '/disk.img')).rejects.toMatchObject({
    code: 'QEMU_IMAGE_UNREADABLE',
    message: `looking at the image /disk.img failed: its answer makes no sense: ${JSON.stringify(stdout.slice(0, 80))}`,
  });
});

test.each([
  [{ exitCode: 9, stderr: 'qemu-img: no space left on the moon\n' }, 'no space left on the moon'],
  [{ exitCode: undefined, signal: 'SIGKILL' }, 'it was ended by SIGKILL'],
  [{ exitCode: 9 }, 'it ended with 9'],
])('an end before the answer is told: %j', async (ended, words) => {
  await expect(inspectImage(toolThat(ended), '/disk.img')).rejects.toMatchObject({
    message: `looking at the image /disk.img failed: ${words}`,
  });
});
