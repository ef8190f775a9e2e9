/** VirtualBox's versions: which of them this driver knows, and how they are told. */

export const OLDEST = '6.1';
export const NEWEST = '7.2';

/** `7.1.12r169651`, `6.1.38_Ubuntur153438`, `7.2.22_Debianr175245`: up to the revision and the distributor. */
export function parseVersion(text: string): string | undefined {
  return /^(\d+\.\d+\.\d+)(?:_[A-Za-z][^\n]*?)?(?:r\d+)?(?:_[A-Z]+)?\s*$/m.exec(text)?.[1];
}

export function isTooOld(version: string): boolean {
  return compare(version, OLDEST) < 0;
}

/** Of the first two numbers: 7.2.x is as new as 7.2. */
export function isNewer(version: string): boolean {
  return compare(version, NEWEST) > 0;
}

function compare(one: string, other: string): number {
  const [a = 0, b = 0] = one.split('.').map(Number);
  const [c = 0, d = 0] = other.split('.').map(Number);
  return a - c || b - d;
}
