import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { drawText } from '../../../../drivers/v86/machine/screenshot.ts';
import type { TextMode } from '../../../../drivers/v86/machine/vga.ts';
import { encodePng } from '../../../../src/host/png.ts';

test('a PNG holds its pixels', () => {
  const rgb = Uint8Array.from({ length: 2 * 3 * 3 }, (_none, index) => index * 10);
  const png = encodePng({ width: 2, height: 3, rgb });
  expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 3]);
  const data = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  expect([...rows]).toEqual([0, ...rgb.subarray(0, 6), 0, ...rgb.subarray(6, 12), 0, ...rgb.subarray(12)]);
});

test('text is drawn with the font and the colours of the adapter', () => {
  const palette = new Int32Array(256);
  palette.set([0x000011, 0xaabbcc], 0);
  const plane2 = new Uint8Array(0x10000);
  // The character A, in the second font as the adapter numbers them, which is the third in its memory.
  plane2.set([0b10000001, 0b01000000], 2 * 0x2000 + 65 * 32);
  const vga: TextMode = {
    max_cols: 2,
    max_rows: 1,
    start_address: 1,
    // One character before the screen begins; then A in colour 1 on 0, and nothing.
    vga_memory: Uint8Array.from([65, 0, 65, 1, 0, 0]),
    plane2,
    max_scan_line: 1,
    character_map_select: 0b0100,
    dac_map: Uint8Array.from({ length: 16 }, (_none, index) => index),
    dac_mask: 255,
    vga256_palette: palette,
  };
  const { width, height, rgb } = drawText(vga);
  expect([width, height]).toEqual([16, 2]);
  const lit = Array.from({ length: width * height }, (_none, index) =>
    rgb[index * 3] === 0xaa && rgb[index * 3 + 1] === 0xbb && rgb[index * 3 + 2] === 0xcc ? '#' : '.',
  ).join('');
  expect(lit).toBe('#......#........' + '.#..............');
  expect([...rgb.subarray(3, 6)]).toEqual([0, 0, 0x11]);
});
