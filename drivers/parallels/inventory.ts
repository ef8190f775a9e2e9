/** What `prlctl list` says about VMs. Fields that are missing or odd are left out rather than believed. */
import type { VmRef, VmState } from '../vm/control.ts';
import { oddOutput, parseJson } from './json.ts';

export interface ListedVm extends VmRef {
  state: VmState;
  /** As they stand in the column of addresses; may be none, several, or not yet usable. */
  addresses: string[];
}

export interface VmDetails {
  /** The bundle: `….pvm`, or `….macvm` for a macOS guest on Apple silicon. */
  home: string;
  tools: string;
  cpus: number;
  /** Bytes. */
  memory: number;
  /** Of the first network card: lower case, without colons. */
  mac: string | undefined;
}

/** @param output of `prlctl list --all --full --json`. @throws VmtestError `PARALLELS_OUTPUT` for what is no list. */
export function parseList(output: string): ListedVm[] {
  const rows = parseJson(output, 'prlctl list') ?? [];
  if (!Array.isArray(rows)) throw oddOutput('prlctl list', output);
  return rows.flatMap((row: unknown) => {
    const { uuid, name, status, ip_configured: ip } = object(row);
    if (typeof uuid !== 'string' || typeof name !== 'string') return [];
    const addresses = text(ip)
      .split(/[\s,;]+/)
      .filter((word) => word !== '' && word !== '-');
    return [{ id: uuid, name, state: stateOf(text(status)), addresses }];
  });
}

/** @param output of `prlctl list VM --info --json`; its last element is the VM. */
export function parseDetails(output: string): VmDetails {
  const answer = parseJson(output, 'prlctl list --info');
  const vm = object(Array.isArray(answer) ? answer.at(-1) : answer);
  const hardware = object(vm['Hardware']);
  return {
    home: text(vm['Home']).replace(/\/+$/, ''),
    tools: text(object(vm['GuestTools'])['state']) || 'unknown',
    cpus: count(object(hardware['cpu'])['cpus']) ?? 1,
    memory: bytes(text(object(hardware['memory'])['size'])),
    mac: text(object(hardware['net0'])['mac']).replaceAll(/[:-]/g, '').toLowerCase() || undefined,
  };
}

const STATES: Readonly<Record<string, VmState>> = {
  running: 'running',
  stopped: 'off',
  suspended: 'saved',
  paused: 'paused',
  starting: 'changing',
  stopping: 'changing',
  suspending: 'changing',
  resuming: 'changing',
  snapshotting: 'changing',
  deleting: 'changing',
  restoring: 'changing',
};

/** @param word of the column `status`; `invalid`, and what Parallels does not document, needs a person. */
export function stateOf(word: string): VmState {
  return STATES[word.trim().toLowerCase()] ?? 'broken';
}

/** With or without braces, in capitals or not. */
export function sameId(one: string, other: string): boolean {
  const bare = (id: string) => id.replaceAll(/[{}]/g, '').toLowerCase();
  return bare(one) === bare(other);
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `20480Mb` means MiB. Without a size that can be read: 0. */
function bytes(size: string): number {
  const [, number = '0', unit = 'm'] = /^\s*(\d+)\s*([kmg])/i.exec(size) ?? [];
  return Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}
