/**
 * The snapshots of a VM, out of its settings file (`.vbox`, XML, https://www.virtualbox.org/ in its documentation of
 * settings). VBoxManage prints snapshots' names raw, so that no parser could tell them from its other lines, and does not
 * say which of them hold memory; this file says both, in every version and language.
 */
import { readFile } from 'node:fs/promises';
import { Parser } from 'htmlparser2';
import { VmtestError } from '../../src/host/errors.ts';
import type { VmSnapshot } from '../vm/control.ts';

/** @throws VmtestError `VIRTUALBOX_SETTINGS` when the file cannot be read. */
export async function readSnapshots(file: string): Promise<VmSnapshot[]> {
  try {
    return parseSnapshots(await readFile(file, 'utf8'));
  } catch (error) {
    throw new VmtestError('VIRTUALBOX_SETTINGS', `the settings file ${file} cannot be read`, {
      hint: 'Run vmtest as the user to whom the VM belongs.',
      cause: error,
    });
  }
}

export function parseSnapshots(xml: string): VmSnapshot[] {
  const snapshots: VmSnapshot[] = [];
  const open: VmSnapshot[] = [];
  const parser = new Parser(
    {
      onopentag: (tag, { uuid, name, timeStamp = '', stateFile = '' }) => {
        if (tag !== 'Snapshot' || uuid === undefined || name === undefined) return;
        const id = uuid.replace(/^\{|\}$/g, '');
        const parent = open.at(-1);
        const path = parent ? `${parent.path}/${name}` : name;
        const snapshot = { id, name, path, live: stateFile !== '', stamp: `${id} ${timeStamp}` };
        snapshots.push(snapshot);
        open.push(snapshot);
      },
      onclosetag: (tag) => {
        if (tag === 'Snapshot') open.pop();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(xml);
  return snapshots;
}
