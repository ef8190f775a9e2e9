/**
 * Reads `showvminfo --machinereadable`: one `key=value` a line, texts in double quotes with `"` and `\` escaped by a
 * backslash and line breaks as they are. Names and descriptions of snapshots are the exception: VirtualBox prints them raw,
 * so whoever takes a snapshot can make lines of any kind. What comes before the first of them is read, and of what follows the
 * last only whether a session holds the VM; the tree comes from the settings file.
 */
import { VmtestError } from '../../src/host/errors.ts';
import type { VmState } from '../vm/control.ts';

export interface Nic {
  /** From 1. */
  slot: number;
  /** `nat`, `bridged`, `hostonly`, `intnet`, … */
  kind: string;
  /** Twelve upper-case hexadecimal digits. */
  mac: string;
  /** Names of NAT rules. */
  rules: string[];
}

export interface MachineInfo {
  uuid: string;
  name: string;
  state: VmState;
  /** Somebody has the VM open: a running one, or one whose lock lingers after its end. */
  held: boolean;
  /** Tells one start from the next. */
  since: string;
  settingsFile: string;
  /** Bytes. */
  memory: number;
  cpus: number;
  /** `x86` or `arm`; undefined before 7.1. */
  architecture: string | undefined;
  nics: Nic[];
}

/** @throws VmtestError `VIRTUALBOX_OUTPUT` for what is no such output. */
export function parseMachineInfo(text: string): MachineInfo {
  const nics: Nic[] = [];
  const values = new Map<string, string>();
  let rules: string[] = [];
  let slot = 0;
  const { before, after } = aroundSnapshots(text);
  for (const [key, value] of properties(before)) {
    if (!values.has(key)) values.set(key, value);
    const nic = /^nic(\d+)$/.exec(key);
    if (nic && value !== 'none') {
      slot = Number(nic[1]);
      rules = [];
      nics.push({ slot, kind: value, mac: (values.get(`macaddress${slot}`) ?? '').toUpperCase(), rules });
    } else if (/^Forwarding\(\d+\)$/.test(key)) {
      // Its number begins again with every adapter; the adapter's own lines come before it.
      rules.push(value.split(',')[0] ?? '');
    }
  }
  const session = values.get('SessionName') ?? new Map(properties(after)).get('SessionName') ?? '';
  const uuid = values.get('UUID');
  const name = values.get('name');
  const state = values.get('VMState');
  if (uuid === undefined || name === undefined || state === undefined) {
    throw new VmtestError('VIRTUALBOX_OUTPUT', 'VBoxManage showvminfo printed something unexpected', {
      details: text,
    });
  }
  return {
    uuid,
    name,
    state: stateOf(state),
    held: session !== '',
    since: values.get('VMStateChangeTime') ?? '',
    settingsFile: values.get('CfgFile') ?? '',
    memory: number(values.get('memory')) * 1024 ** 2,
    cpus: number(values.get('cpus')) || 1,
    architecture: values.get('platformArchitecture'),
    nics,
  };
}

const STATES: Readonly<Record<string, VmState>> = {
  poweroff: 'off',
  aborted: 'off',
  teleported: 'off',
  saved: 'saved',
  'aborted-saved': 'saved',
  running: 'running',
  livesnapshotting: 'running',
  onlinesnapshotting: 'running',
  deletingsnapshotlive: 'running',
  teleporting: 'running',
  paused: 'paused',
  teleportingpausedvm: 'paused',
  deletingsnapshotlivepaused: 'paused',
  gurumeditation: 'broken',
};

function stateOf(state: string): VmState {
  return STATES[state] ?? 'changing';
}

function number(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : 0;
}

/** Every snapshot has a line with its UUID, which nobody chooses; the current one has three more lines behind its own. */
function aroundSnapshots(text: string): { before: string; after: string } {
  const first = /^SnapshotName="/m.exec(text);
  if (!first) return { before: text, after: '' };
  const chosen = /^(?:SnapshotUUID[-\d]*="[-0-9a-f]*"|CurrentSnapshotNode="SnapshotName[-\d]*")$/gm;
  const last = [...text.matchAll(chosen)].at(-1);
  return {
    before: text.slice(0, first.index),
    after: last ? text.slice(last.index + last[0].length) : '',
  };
}

/** A quoted value ends at a quote that is not escaped, a few lines further down if need be. */
const PROPERTY = /^(?:"((?:[^"\\]|\\.)*)"|([^"=\n]+))=(?:"((?:[^"\\]|\\[\s\S])*)"|([^\n]*))$/gm;

function* properties(text: string): Generator<[string, string]> {
  for (const [, quotedKey, key, quoted, bare] of text.matchAll(PROPERTY)) {
    yield [quotedKey ?? key ?? '', quoted === undefined ? (bare ?? '') : quoted.replace(/\\([\s\S])/g, '$1')];
  }
}
