/** Clones: transient domains, which are nowhere but in a file of ours until they start, and in libvirt only while they run. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import type { Arranged, CloneRequest, StartPlan, VmContext, VmInfo, VmRef } from '../vm/control.ts';
import { baseOf } from './base.ts';
import { cloneXml, withConsoleLog } from './clone-xml.ts';
import { ConsoleCopy } from './console-copy.ts';
import { domainXml } from './inventory.ts';
import { foldersOf, logVolume, makeOverlays, removeVolumes } from './overlays.ts';
import { isLogReadable } from './settings.ts';
import { uriOf, virsh } from './virsh.ts';

interface Clone {
  /** File with its definition. */
  definition: string;
  /** Where its overlays are, on the host of the domain. */
  images: string;
  console?: ConsoleCopy;
}

export class Clones {
  readonly #clones = new Map<string, Clone>();

  async make(vm: VmInfo, { snapshot, name, folder, note }: CloneRequest, context: VmContext): Promise<VmRef> {
    const { disks, why } = await baseOf(vm, snapshot, context);
    if (!disks) throw new VmtestError('VM_NO_CLONE', why);
    await note(foldersOf(disks));
    const overlays = await makeOverlays({ name, folder }, disks, context);
    const definition = join(folder, 'domain.xml');
    const xml = cloneXml(await domainXml(vm, context), { name, overlays });
    await writeFile(definition, xml, { mode: 0o600 });
    const [overlay = ''] = overlays.values();
    this.#clones.set(name, { definition, images: posix.dirname(overlay) });
    return { id: name, name };
  }

  async arrange({ name }: VmRef, { consoleLog }: StartPlan, context: VmContext): Promise<Arranged> {
    const clone = this.#clones.get(name);
    if (!clone || consoleLog === undefined) return { consoleLog: false };
    const volume = isLogReadable(uriOf(context)) ? undefined : logVolume(clone.images, name);
    const { xml, logged } = withConsoleLog(await readFile(clone.definition, 'utf8'), volume ?? consoleLog);
    if (!logged) return { consoleLog: false };
    await writeFile(clone.definition, xml);
    if (volume !== undefined) {
      await writeFile(consoleLog, '');
      clone.console = new ConsoleCopy(volume, consoleLog);
    }
    return { consoleLog: true };
  }

  /** @returns whether it is one. */
  async start({ name }: VmRef, context: VmContext): Promise<boolean> {
    const clone = this.#clones.get(name);
    if (!clone) return false;
    await virsh('starting the clone', ['create', '--file', clone.definition], context);
    clone.console?.begin(context);
    return true;
  }

  /** It is off. */
  async ended({ name }: VmRef, context: VmContext): Promise<void> {
    const clone = this.#clones.get(name);
    const console = clone?.console;
    delete clone?.console;
    await console?.end(context);
  }

  /** @param folders those that `make` noted. */
  async remove(name: string, context: VmContext, folders: readonly string[]): Promise<void> {
    this.#clones.delete(name);
    await removeVolumes(name, folders, context);
  }
}
