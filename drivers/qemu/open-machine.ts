/** The restore of a cell: from a clean state to a machine of its own. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { CleanFacts, OpenContext } from '../driver.ts';
import type { DiskFiles, MachineFiles, MemoryUse } from './command-line.ts';
import { createOverlay, type ImageTool } from './image.ts';
import { launch } from './launch.ts';
import type { QemuMachine } from './machine.ts';
import { machineFiles, removeMachineFiles } from './machine-files.ts';
import type { Plan } from './plan.ts';
import { atLeast } from './programs.ts';
import { coldKey, stateKey } from './state-key.ts';
import { findTemplate, TEMPLATE_FILES, type Template, touchTemplate } from './template.ts';

/** What a machine starts from: files of its own, made ready, and files that it only reads. */
interface Origin {
  files: Pick<MachineFiles, 'disk' | 'vars' | 'memory' | 'from'>;
  state?: string;
  clean: { identity: string; facts: CleanFacts };
}

/** Whatever fails, nothing of the machine is left. */
export async function openMachine(plan: Plan, context: OpenContext): Promise<QemuMachine> {
  const { lease, logs } = context;
  const base = machineFiles(lease, plan.target.guest.port, join(logs, TEMPLATE_FILES.console));
  const own = {
    disk: join(lease.record.folder, 'disk.qcow2'),
    vars: join(lease.record.folder, 'vars.qcow2'),
  };
  try {
    const { files, clean, state } = await originOf(plan, own, context);
    const parts = { plan, files: { ...base, ...files }, clean, ...(state === undefined ? {} : { state }) };
    const { machine } = await launch(parts, context);
    return machine;
  } catch (error) {
    await removeMachineFiles({ ...base, disk: { path: own.disk, below: [] }, vars: own.vars });
    throw error;
  }
}

interface OwnFiles {
  disk: string;
  vars: string;
}

async function originOf(plan: Plan, own: OwnFiles, { host, signal }: OpenContext): Promise<Origin> {
  const { cache } = host.paths;
  const tool = { host, program: plan.programs.img.path, signal };
  if (plan.clean.kind === 'cold') return coldOrigin(plan, own, tool);
  const template = await findTemplate(cache, await stateKey(plan, cache, signal));
  if (!template) throw notPrepared(plan);
  void touchTemplate(template);
  return template.record.kind === 'live'
    ? liveOrigin(plan, own, template)
    : diskOrigin(plan, own, tool, template);
}

async function coldOrigin(plan: Plan, own: OwnFiles, tool: ImageTool): Promise<Origin> {
  const { image } = plan;
  const [key, vars] = await Promise.all([
    coldKey(plan),
    freshVars(plan, own, tool),
    image && createOverlay(tool, own.disk, { path: image.path, format: image.format }),
  ]);
  return {
    files: { ...(image ? { disk: { path: own.disk, below: [] } } : {}), ...vars },
    clean: { identity: `qemu:${key}`, facts: {} },
  };
}

async function diskOrigin(plan: Plan, own: OwnFiles, tool: ImageTool, template: Template): Promise<Origin> {
  const [vars] = await Promise.all([
    freshVars(plan, own, tool),
    copyFile(join(template.folder, TEMPLATE_FILES.blankDisk), own.disk),
  ]);
  return { files: { disk: diskOn(template, plan, own), ...vars }, clean: cleanOf(template) };
}

async function liveOrigin(plan: Plan, own: OwnFiles, template: Template): Promise<Origin> {
  const path = (file: keyof typeof TEMPLATE_FILES) => join(template.folder, TEMPLATE_FILES[file]);
  const { image, spec, programs } = plan;
  const flash = spec.firmware.kind === 'flash';
  await Promise.all([
    image && copyFile(path('blankDisk'), own.disk),
    flash && copyFile(path('blankVars'), own.vars),
  ]);
  return {
    files: {
      ...(image ? { disk: diskOn(template, plan, own) } : {}),
      ...(flash ? { vars: own.vars } : {}),
      memory: { path: path('memory'), use: privateUse(programs.system.version) },
      from: 'incoming',
    },
    state: path('state'),
    clean: cleanOf(template),
  };
}

/**
 * The image may lie in another place than when the template was made: all that is known is that its content is the
 * same. So the files below an overlay are named by today's plan.
 */
function diskOn({ folder }: Template, { clean, image }: Plan, own: OwnFiles): DiskFiles {
  const frozen = { path: join(folder, TEMPLATE_FILES.disk), format: 'qcow2' };
  const snapshot = clean.kind === 'cold' ? undefined : clean.snapshot;
  if (!snapshot) return { path: own.disk, below: [frozen, ...(image ? [image] : [])] };
  // A copy of the image lies on what the image lies on; a snapshot that was taken out of it, on nothing.
  const copied = clean.kind === 'live' && snapshot.vmState;
  return { path: own.disk, below: [frozen, ...(copied ? (image?.backing.slice(0, 1) ?? []) : [])] };
}

/** UEFI variables as the distribution delivers them. */
async function freshVars({ spec }: Plan, own: OwnFiles, tool: ImageTool): Promise<{ vars?: string }> {
  if (spec.firmware.kind !== 'flash') return {};
  await createOverlay(tool, own.vars, spec.firmware.vars);
  return { vars: own.vars };
}

function privateUse(version: string): MemoryUse {
  return atLeast(version, '8.2.0') ? 'private-readonly' : 'private';
}

function cleanOf({ record }: Template): Origin['clean'] {
  return { identity: `qemu:${record.key}:${record.build}`, facts: record.facts };
}

/** Between prepare and open the image was changed, or somebody removed the state. */
function notPrepared({ target }: Plan): VmtestError {
  return new VmtestError(
    'QEMU_TEMPLATE_MISSING',
    `the clean state of ${target.name} is not there (any more)`,
    {
      hint: 'It was removed, or its image was changed, while the run went on. Start the run again.',
    },
  );
}
