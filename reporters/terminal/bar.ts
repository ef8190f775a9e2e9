import type { Bytes } from '../../src/results/events.ts';
import type { Signs } from './look.ts';

/** @param share from 0 to 1; what lies outside is drawn as the nearer end. */
export function bar(share: number, width: number, [full, empty]: Signs['bar']): string {
  const steps = Math.round(Math.min(1, Math.max(0, share)) * width);
  return full.repeat(steps) + empty.repeat(width - steps);
}

const MIB = 1024 ** 2;

/** `12.0 of 40.0 MiB`, or `12.0 MiB` where nobody knows how much will come. */
export function bytesInWords({ done, total }: Bytes): string {
  return total === undefined ? `${mebibytes(done)} MiB` : `${mebibytes(done)} of ${mebibytes(total)} MiB`;
}

function mebibytes(bytes: number): string {
  const size = bytes / MIB;
  return size < 100 ? size.toFixed(1) : String(Math.round(size));
}
