/** Makes a clean state: once, by one process at a time, and out of sight until it is whole. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { CleanFacts, Machine, PrepareContext } from '../driver.ts';
import type { MachineFiles } from './command-line.ts';
import { consoleTail } from './console-log.ts';
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
import {
  buildFolder,
  findTemplate,
  TEMPLATE_FILES,
  type TemplateRecord,
  templateFolder,
} from './template.ts';

/** Makes the plan's clean state unless it is there. Waits while another process makes the same one. */
export async function ensureTemplate(plan: Plan, context: PrepareContext): Promise<void> {
  const { host, lease, signal, progress } = context;
  const { cache } = host.paths;
  const key = await stateKey(plan, cache, signal);
  if (await findTemplate(cache, key)) return;
  const unlock = await host.locks.acquire(`qemu-template-${key}`, {
    signal,
    onWait: (holder) => progress(`waiting for ${holder}, which is making the same clean state`),
  });
  try {
    if (await findTemplate(cache, key)) return;
    const folder = buildFolder(cache, lease.record.id);
    await lease.note({ building: folder });
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await build(plan, key, folder, context);
      await publish(folder, templateFolder(cache, key));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await unlock();
  }
}

async function build(plan: Plan, key: string, folder: string, context: PrepareContext): Promise<void> {
  const started = performance.now();
  const { host, signal } = context;
  const tool = { host, program: plan.programs.img.path, signal };
  if (plan.image) await makeDisk(tool, plan, join(folder, TEMPLATE_FILES.disk));
  const facts = plan.clean.kind === 'live' ? await saveRunning(tool, plan, folder, context) : {};
  await makeBlanks(tool, folder, templateFolder(host.paths.cache, key));
  const record = describe(plan, key, facts, performance.now() - started);
  await writeFile(join(folder, TEMPLATE_FILES.record), `${JSON.stringify(record, null, 2)}\n`, {
    mode: 0o600,
  });
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

/** What the guest said last tells more than that it does not answer. */
async function withConsole(error: unknown, log: string): Promise<unknown> {
  const tail = await consoleTail(log);
  if (!(error instanceof VmtestError) || tail === '') return error;
  const { code, message, hint, retryable, details } = error;
  return new VmtestError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    retryable,
    details: `${details === undefined ? '' : `${details}\n\n`}The guest's console, last lines:\n${tail}`,
    cause: error,
  });
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

/** On the disk before it can be found: after a power failure there is either all of it or nothing. */
async function publish(folder: string, final: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await chmod(join(folder, name), 0o600);
    await sync(join(folder, name));
  }
  await rm(final, { recursive: true, force: true });
  await rename(folder, final);
  await sync(dirname(final));
}

async function sync(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
