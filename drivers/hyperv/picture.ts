/** A screen as Hyper-V hands it out. */
import type { Picture } from '../../src/host/png.ts';

/** Hyper-V scales the screen to whatever is asked for; most guests have this size, or this shape, while they are tested. */
export const PICTURE = { width: 1024, height: 768 };

/** @param pixels RGB565: two bytes each, the low one first. */
export function pictureOf(pixels: Buffer, { width, height } = PICTURE): Picture | undefined {
  if (pixels.length < width * height * 2) return undefined;
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const pixel = pixels.readUInt16LE(at * 2);
    rgb[at * 3] = widen(pixel >> 11, 5);
    rgb[at * 3 + 1] = widen((pixel >> 5) & 63, 6);
    rgb[at * 3 + 2] = widen(pixel & 31, 5);
  }
  return { width, height, rgb };
}

/** To eight bits, so that white stays white. */
function widen(value: number, bits: number): number {
  return Math.round((value * 255) / (2 ** bits - 1));
}
