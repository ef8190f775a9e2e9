/**
 * Clean states on disk, in the cache. A state is a folder that appears whole, by rename, and never changes afterwards:
 *
 *     templates/KEY/  template.json   what it is, and what was learnt when it was made
 *                     disk.qcow2      the frozen disk         blank-disk.qcow2   an empty overlay of it, to be copied
 *                     vars.qcow2      the UEFI variables      blank-vars.qcow2   the same
 *                     ram.bin         the guest's memory, sparse
 *                     state.bin       the state of its devices
 *                     console.log     its console up to the moment of saving
 *                     seal.json       sizes of all of them
 */
import { lstat, rm, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { namesIn } from '../../src/host/names-in.ts';
import { isSealIntact } from '../../src/host/sealed-folder.ts';
import { readStateFile } from '../../src/host/state-file.ts';
import type { CleanFacts } from '../driver.ts';

export interface TemplateRecord {
  key: string;
  kind: 'live' | 'disk';
  /** Differs from build to build, also of the same key. */
  build: string;
  created: string;
  /** Milliseconds that making it took. */
  took: number;
  /** Of the target for which it was made. */
  target: string;
  snapshot: string;
  image?: string;
  qemu: string;
  facts: CleanFacts;
}

export interface Template {
  folder: string;
  record: TemplateRecord;
}

export const TEMPLATE_FILES = {
  record: 'template.json',
  disk: 'disk.qcow2',
  blankDisk: 'blank-disk.qcow2',
  vars: 'vars.qcow2',
  blankVars: 'blank-vars.qcow2',
  memory: 'ram.bin',
  state: 'state.bin',
  console: 'console.log',
} as const;

export function templatesFolder(cache: string): string {
  return join(cache, 'templates');
}

export function templateFolder(cache: string, key: string): string {
  return join(templatesFolder(cache), key);
}

/** The state with that key, or undefined. */
export async function findTemplate(cache: string, key: string): Promise<Template | undefined> {
  return readTemplate(templateFolder(cache, key));
}

/** Notes that it was used, for those who tidy up by age. */
export async function touchTemplate({ folder }: Template): Promise<void> {
  const now = new Date();
  await utimes(join(folder, TEMPLATE_FILES.record), now, now).catch(() => {});
}

export interface ListedTemplate extends Template {
  /** Bytes on the disk; the memory file is sparse. */
  size: number;
  used: Date;
}

/** All finished states of this cache. */
export async function listTemplates(cache: string): Promise<ListedTemplate[]> {
  const found: ListedTemplate[] = [];
  for (const name of await namesIn(templatesFolder(cache))) {
    const template = name.startsWith('.') ? undefined : await readTemplate(templateFolder(cache, name));
    if (template) found.push({ ...template, ...(await measure(template.folder)) });
  }
  return found;
}

/** Machines that run from it go on: they hold its files open. */
export async function removeTemplate({ folder }: Template): Promise<void> {
  // First what makes it a template, so that nobody finds half of one.
  await rm(join(folder, TEMPLATE_FILES.record), { force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Undefined when it is absent, or damaged: then it is made anew in its place. */
async function readTemplate(folder: string): Promise<Template | undefined> {
  const file = await readStateFile(join(folder, TEMPLATE_FILES.record), (text) =>
    parseRecord(text, basename(folder)),
  );
  if (file.state !== 'whole' || !(await isSealIntact(folder))) return undefined;
  return { folder, record: file.value };
}

function parseRecord(text: string, key: string): TemplateRecord | undefined {
  const record = JSON.parse(text) as Partial<TemplateRecord>;
  const { facts, build, kind } = record;
  const isWhole =
    record.key === key &&
    typeof build === 'string' &&
    typeof kind === 'string' &&
    typeof facts === 'object' &&
    facts !== null;
  return isWhole ? (record as TemplateRecord) : undefined;
}

async function measure(folder: string): Promise<{ size: number; used: Date }> {
  let size = 0;
  for (const name of await namesIn(folder)) size += (await lstat(join(folder, name))).blocks * 512;
  const { mtime } = await lstat(join(folder, TEMPLATE_FILES.record));
  return { size, used: mtime };
}
