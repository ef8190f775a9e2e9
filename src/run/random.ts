/** Chance that can be had again: everything random in a run's order comes from its seed. */
import { createHash, randomBytes } from 'node:crypto';

export function newSeed(): string {
  return randomBytes(4).toString('hex');
}

/** A number in [0, 1) that depends on seed and text only. */
export function chance(seed: string, text: string): number {
  return createHash('sha256').update(seed).update('\0').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
