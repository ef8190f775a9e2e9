/** The table of engines. Schemas are plain data and cheap; a driver is loaded when a run first needs it. */
import type { EngineSchema } from '../matrix/engine-schema.ts';
import { VmtestError } from '../src/host/errors.ts';
import { commandSchema } from './command/schema.ts';
import type { Driver } from './driver.ts';
import { fakeSchema } from './fake/schema.ts';
import { hypervSchema } from './hyperv/schema.ts';
import { libvirtSchema } from './libvirt/schema.ts';
import { parallelsSchema } from './parallels/schema.ts';
import { qemuSchema } from './qemu/schema.ts';
import { v86Schema } from './v86/schema.ts';
import { virtualboxSchema } from './virtualbox/schema.ts';
import { vmwareSchema } from './vmware/schema.ts';

export interface EngineEntry {
  schema: EngineSchema;
  load(): Promise<Driver>;
}

/** In the order in which documentation and `doctor` list them. */
export const engines: Readonly<Record<string, EngineEntry>> = {
  qemu: { schema: qemuSchema, load: async () => (await import('./qemu/driver.ts')).qemuDriver },
  libvirt: { schema: libvirtSchema, load: async () => (await import('./libvirt/driver.ts')).libvirtDriver },
  virtualbox: {
    schema: virtualboxSchema,
    load: async () => (await import('./virtualbox/driver.ts')).virtualboxDriver,
  },
  vmware: { schema: vmwareSchema, load: async () => (await import('./vmware/driver.ts')).vmwareDriver },
  hyperv: { schema: hypervSchema, load: async () => (await import('./hyperv/driver.ts')).hypervDriver },
  parallels: {
    schema: parallelsSchema,
    load: async () => (await import('./parallels/driver.ts')).parallelsDriver,
  },
  v86: { schema: v86Schema, load: async () => (await import('./v86/driver.ts')).v86Driver },
  command: { schema: commandSchema, load: async () => (await import('./command/driver.ts')).commandDriver },
  fake: { schema: fakeSchema, load: async () => (await import('./fake/driver.ts')).fakeDriver },
};

/** The schema fragments of all engines, as the matrix loader takes them. */
export function engineSchemas(): Record<string, EngineSchema> {
  return Object.fromEntries(Object.entries(engines).map(([name, entry]) => [name, entry.schema]));
}

/** @throws VmtestError `ENGINE_UNKNOWN` for a name that is not in the table. */
export async function loadDriver(engine: string): Promise<Driver> {
  const entry = Object.hasOwn(engines, engine) ? engines[engine] : undefined;
  if (entry) return entry.load();
  throw new VmtestError('ENGINE_UNKNOWN', `there is no engine called ${engine}`, {
    hint: `There are: ${Object.keys(engines).join(', ')}.`,
  });
}
