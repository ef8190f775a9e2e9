/** How the cells of a target get their clean state. Pure. */
import { closest } from 'fastest-levenshtein';
import type { TargetProblem } from '../driver.ts';
import type { ImageInfo, InternalSnapshot } from './image.ts';

export type CleanState =
  /** A running machine in files, which every cell continues on its own. */
  | { kind: 'live'; snapshot?: InternalSnapshot }
  /** The disk of a snapshot inside the image, taken out once; cells boot from an overlay of it. */
  | { kind: 'disk'; snapshot: InternalSnapshot; why: string }
  /** Cells boot from an overlay of the image itself. */
  | { kind: 'cold'; why: string };

/**
 * `wanted` is the target's `snapshot`. In an image that holds snapshots it names one of them; in another it is only the
 * name of the state that a boot leads to. `notLive` says why a running machine cannot be saved here, if so.
 */
export function chooseCleanState(
  wanted: string,
  image: ImageInfo | undefined,
  notLive: string | undefined,
): { value: CleanState } | { problem: TargetProblem } {
  if (wanted === 'none') return { value: { kind: 'cold', why: 'snapshot: none' } };
  const inside = image?.snapshots ?? [];
  const snapshot = inside.find(({ name }) => name === wanted);
  if (inside.length > 0 && !snapshot) return { problem: missing(wanted, inside) };
  if (notLive === undefined) {
    return { value: { kind: 'live', ...(snapshot === undefined ? {} : { snapshot }) } };
  }
  return { value: snapshot ? { kind: 'disk', snapshot, why: notLive } : { kind: 'cold', why: notLive } };
}

/** In words for people. */
export function describeCleanState(state: CleanState, wanted: string, ready: boolean): string {
  if (state.kind === 'cold') return `disk overlay, cold boot (${state.why})`;
  if (state.kind === 'disk') return `overlay of the disk in snapshot ${wanted}, cold boot (${state.why})`;
  const origin = state.snapshot ? `of the image's snapshot ${wanted}` : `"${wanted}"`;
  return `live template ${origin}${ready ? '' : ', made on first use'}`;
}

function missing(wanted: string, inside: readonly InternalSnapshot[]): TargetProblem {
  const names = inside.map(({ name }) => name);
  return {
    code: 'QEMU_SNAPSHOT_MISSING',
    message: `the image has no snapshot called ${wanted}`,
    hint: `Nearest: \`snapshot: ${closest(wanted, names)}\`. It has: ${names.join(', ')}. \`snapshot: none\` takes the disk as it is now.`,
  };
}
