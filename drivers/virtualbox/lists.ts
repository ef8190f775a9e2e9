/** Reads what VBoxManage lists: VMs, and the properties that a guest's Additions report. */
import type { VmRef } from '../vm/control.ts';

/** Names are not escaped: the line's end is what tells where a name ends. */
export function parseVms(text: string): VmRef[] {
  const lines = text.matchAll(/^"([\s\S]*?)" \{([0-9a-f]{8}-[0-9a-f-]{27})\}$/gim);
  return [...lines].map(([, name = '', id = '']) => ({ id, name }));
}

/** What `list vms` calls a VM whose settings VirtualBox cannot read. */
export const INACCESSIBLE = '<inaccessible>';

/** By id (braces or not), else by name. */
export function findVm(wanted: string, vms: readonly VmRef[]): VmRef | undefined {
  const id = wanted.replace(/^\{(.*)\}$/, '$1').toLowerCase();
  return vms.find((vm) => vm.id.toLowerCase() === id) ?? vms.find(({ name }) => name === wanted);
}

/** Both forms of `guestproperty enumerate`: that of 7.0 and later, and the one before. */
export function parseGuestProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found =
      /^Name: (\S+), value: (.*), timestamp: \d+, flags: ?.*$/.exec(line) ??
      /^(\S+)\s+= '(.*)'\s+@ \S+/.exec(line);
    if (found) properties.set(found[1] as string, found[2] as string);
  }
  return properties;
}
