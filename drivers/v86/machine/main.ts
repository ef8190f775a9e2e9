/**
 * The process of one machine: `main.js --name NAME --control SOCKET --spec FILE`. A process of its own since the emulator
 * keeps a processor busy, and so that a machine that dies takes nothing with it. It ends with its driver.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { MachineSpec } from '../protocol.ts';
import { Console } from './console.ts';
import { Control } from './control.ts';
import { loadEmulator, onReset } from './emulator.ts';
import { forwardPort } from './forward.ts';
import { Processor } from './processor.ts';
import { enableGraphics, writeScreenshot } from './screenshot.ts';

const { values } = parseArgs({
  options: { name: { type: 'string' }, control: { type: 'string' }, spec: { type: 'string' } },
});
// Whoever reads it may go away before this process does.
process.stderr.on('error', () => {});
let kept = false;
let dead = false;
const control = await Control.open(values.control ?? '');
control.onEnd(() => {
  if (!kept || dead) process.exit();
});
const spec = JSON.parse(await readFile(values.spec ?? '', 'utf8')) as MachineSpec;
enableGraphics();
const { emulator, disk, share } = await loadEmulator(spec);
const processor = new Processor(emulator);
const serial = new Console({
  emulator,
  log: spec.consoleLog,
  hold: (stopped) => processor.hold(stopped),
  onPanic: (why) => die(`the guest's kernel panicked: ${why}`),
});
emulator.add_listener('cpu-event-halt', () => {
  serial.flush();
  die('the guest powered off, or halted its processor for good');
});
onReset(emulator, () => control.send({ event: 'restarted' }));
await serial.listen(spec.console);
const port = spec.network === 'none' ? undefined : await forwardPort(emulator, spec.guestPort);
control.serve({ start, save, port: tellPort, screenshot, put, take, keep, quit });
control.send({ event: 'ready' });

function die(why: string): void {
  dead = true;
  void processor.end();
  control.send({ event: 'dead', why });
  if (kept) process.exit();
}

async function start(): Promise<null> {
  processor.start();
  return null;
}

async function save(to: { state: string; disk: string }): Promise<{ bytes: number }> {
  await processor.end();
  const state = await emulator.save_state();
  await writeFile(to.state, new Uint8Array(state), { mode: 0o600, flag: 'wx' });
  disk?.freeze(to.disk);
  return { bytes: state.byteLength };
}

async function tellPort(): Promise<{ port: number }> {
  if (port === undefined) throw new Error('the machine has no network');
  return { port };
}

async function screenshot({ path }: { path: string }): Promise<null> {
  await writeScreenshot(emulator, path);
  return null;
}

async function put({ data }: { data: string }): Promise<null> {
  share.put(Buffer.from(data, 'base64'));
  return null;
}

async function take(): Promise<{ data: string }> {
  return { data: share.take().toString('base64') };
}

async function keep(): Promise<null> {
  kept = true;
  return null;
}

async function quit(): Promise<null> {
  setImmediate(() => process.exit());
  return null;
}
