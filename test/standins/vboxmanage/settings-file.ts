/** The settings file of a machine (`.vbox`), with what readers of it look for: the machine and its tree of snapshots. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Machine, Snapshot } from './state.ts';

export async function writeSettings(machine: Machine): Promise<void> {
  await mkdir(dirname(machine.settings), { recursive: true });
  const current = machine.current === undefined ? '' : ` currentSnapshot="{${machine.current}}"`;
  const xml = [
    '<?xml version="1.0"?>',
    '<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">',
    `  <Machine uuid="{${machine.uuid}}" name="${escaped(machine.name)}" OSType="${machine.ostype}"${current} snapshotFolder="Snapshots" lastStateChange="${seconds(machine.since)}">`,
    ...machine.snapshots.filter(({ parent }) => parent === undefined).flatMap((root) => tree(root, machine)),
    '  </Machine>',
    '</VirtualBox>',
    '',
  ];
  await writeFile(machine.settings, xml.join('\n'));
}

function tree(snapshot: Snapshot, machine: Machine): string[] {
  const { uuid, name, time, stateFile, description } = snapshot;
  const saved = stateFile === undefined ? '' : ` stateFile="${escaped(stateFile)}"`;
  const children = machine.snapshots.filter(({ parent }) => parent === uuid);
  return [
    `<Snapshot uuid="{${uuid}}" name="${escaped(name)}" timeStamp="${seconds(time)}"${saved}>`,
    ...(description ? [`<Description>${escaped(description)}</Description>`] : []),
    ...(children.length > 0
      ? ['<Snapshots>', ...children.flatMap((child) => tree(child, machine)), '</Snapshots>']
      : []),
    '</Snapshot>',
  ];
}

function seconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"\n\u0080-\uffff]/gu,
    (char) => `&#x${char.codePointAt(0)?.toString(16).toUpperCase()};`,
  );
}
