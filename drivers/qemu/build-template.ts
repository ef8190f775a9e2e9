/** Makes a clean state. */
import { randomBytes } from 'node:crypto';
import { readdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withConsole } from '../../src/guest/console-tail.ts';
import { buildOnce } from '../../src/host/build-once.ts';
import type { CleanFacts, Machine, PrepareContext } from '../driver.ts';
import type { MachineFiles } from './command-line.ts';
import { explain } from './errors.ts';
import {
  convertImage,
  copyImage,
  createBlankOverlay,
  createOverlay,
  extractSnapshot,
  type ImageTool,
  inspectImage,
} from './image.ts';
import { launch } from './launch.ts';
import { machineFiles, migrationSocket } from './machine-files.ts';
import { saveState } from './migrate.ts';
import type { Plan } from './plan.ts';
import { stateKey } from './state-key.ts';
import { findTemplate, TEMPLATE_FILES, type TemplateRecord, templateFolder } from './template.ts';

/** Makes the plan's clean state unless it is there. Waits while another process makes the same one. */
export async function ensureTemplate(plan: Plan, context: PrepareContext): Promise<void> {
  const { cache } = context.host.paths;
  const key = await stateKey(plan, cache, context.signal);
  const state = {
    folder: templateFolder(cache, key),
    lock: `qemu-template-${key}`,
    what: 'clean state',
    isThere: async () => (await findTemplate(cache, key)) !== undefined,
    build: (partial: string) => build(plan, key, partial, context),
  };
  await buildOnce(state, context);
}

async function build(plan: Plan, key: string, folder: string, context: PrepareContext): Promise<void> {
  const started = performance.now();
  const { host, signal } = context;
  const tool = { host, program: plan.programs.img.path, signal };
  await tellLittleRoom(plan, context);
  if (plan.image) await makeDisk(tool, plan, join(folder, TEMPLATE_FILES.disk));
  const facts = plan.clean.kind === 'live' ? await saveRunning(tool, plan, folder, context) : {};
  await makeBlanks(tool, folder, templateFolder(host.paths.cache, key));
  const record = describe(plan, key, facts, performance.now() - started);
  await writeFile(join(folder, TEMPLATE_FILES.record), `${JSON.stringify(record, null, 2)}\n`, {
    mode: 0o600,
  });
}

/**
 * The file with the memory grows as the guest uses it, so nobody knows whether the room will do; but when it does not, a person
 * knows why before the boot is over.
 */
async function tellLittleRoom({ spec, clean }: Plan, { host, progress }: PrepareContext): Promise<void> {
  if (clean.kind !== 'live') return;
  const { cache } = host.paths;
  const { bavail, bsize } = await statfs(cache);
  const free = bavail * bsize;
  if (free >= spec.memory) return;
  const [wanted, left] = [spec.memory, free].map((bytes) => `${Math.floor(bytes / 1024 ** 2)} MiB`);
  progress(`little room: the guest's memory may take ${wanted}, and ${cache} has ${left} free`);
}

/** The disk of the state to be: written to while the guest boots, frozen afterwards. */
async function makeDisk(tool: ImageTool, { image, clean }: Plan, path: string): Promise<void> {
  if (!image) return;
  const from = { path: image.path, format: image.format };
  const snapshot = clean.kind === 'cold' ? undefined : clean.snapshot;
  if (!snapshot) await createOverlay(tool, path, from);
  else if (clean.kind === 'live' && snapshot.vmState) await copyImage(tool, image, path);
  else await extractSnapshot(tool, from, snapshot.name, path);
}

async function saveRunning(
  tool: ImageTool,
  plan: Plan,
  folder: string,
  context: PrepareContext,
): Promise<CleanFacts> {
  const { signal, progress } = context;
  const files = await filesToRecord(tool, plan, folder, context);
  progress(files.from === undefined ? 'booting the guest' : "waking the guest from the image's snapshot");
  const clean = { identity: '', facts: {} };
  const { machine, process } = await launch({ plan, files, clean }, context);
  try {
    await machine.start(signal);
    const facts = await settled(machine, context);
    progress('saving the running guest');
    await process.qmp.execute('stop', undefined, { signal });
    await saveState(process.qmp, join(folder, TEMPLATE_FILES.state), migrationSocket(files), signal);
    await machine.quit(signal);
    return facts;
  } catch (error) {
    throw await withConsole(error, files.consoleLog);
  } finally {
    await machine.stop(0);
  }
}

async function filesToRecord(
  tool: ImageTool,
  { target, spec, image, clean }: Plan,
  folder: string,
  { lease }: PrepareContext,
): Promise<MachineFiles> {
  const vars = join(folder, TEMPLATE_FILES.vars);
  if (spec.firmware.kind === 'flash') await convertImage(tool, spec.firmware.vars, vars);
  const snapshot = clean.kind === 'live' && clean.snapshot?.vmState ? clean.snapshot.name : undefined;
  return {
    ...machineFiles(lease, target.guest.port, join(folder, TEMPLATE_FILES.console)),
    ...(image ? { disk: { path: join(folder, TEMPLATE_FILES.disk), below: [] } } : {}),
    ...(spec.firmware.kind === 'flash' ? { vars } : {}),
    memory: { path: join(folder, TEMPLATE_FILES.memory), use: 'record' },
    ...(snapshot === undefined ? {} : { from: { snapshot } }),
  };
}

/** Nobody waits for a guest that is gone. */
async function settled(machine: Machine, { settle }: PrepareContext): Promise<CleanFacts> {
  const death = machine.died.then((why) => {
    throw explain(why, { code: 'GUEST_DIED', doing: 'making the clean state', retryable: true });
  });
  return Promise.race([settle(machine), death]);
}

/** Overlays that name the place where the state will lie. */
async function makeBlanks(tool: ImageTool, folder: string, final: string): Promise<void> {
  const present = await readdir(folder);
  const pairs = [
    [TEMPLATE_FILES.disk, TEMPLATE_FILES.blankDisk],
    [TEMPLATE_FILES.vars, TEMPLATE_FILES.blankVars],
  ] as const;
  for (const [file, blank] of pairs) {
    if (!present.includes(file)) continue;
    const { virtualSize } = await inspectImage(tool, join(folder, file));
    await createBlankOverlay(tool, join(folder, blank), join(final, file), virtualSize);
  }
}

function describe(plan: Plan, key: string, facts: CleanFacts, took: number): TemplateRecord {
  const { target, programs, clean, image } = plan;
  return {
    key,
    kind: clean.kind === 'live' ? 'live' : 'disk',
    build: randomBytes(8).toString('hex'),
    created: new Date().toISOString(),
    took: Math.round(took),
    target: target.name,
    snapshot: target.snapshot,
    ...(image ? { image: image.path } : {}),
    qemu: programs.system.banner,
    facts,
  };
}
