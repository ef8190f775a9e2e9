/**
 * What is on the screen, read from the emulated graphics adapter. v86 itself draws for a browser; here text is drawn
 * with the very font that the guest has loaded into the adapter, and graphics are what v86 hands to its screen.
 */
import { writeFile } from 'node:fs/promises';
import { encodePng, type Picture } from '../../../src/host/png.ts';
import type { Emulator } from './emulator.ts';
import type { Layer, Screen, TextMode, Vga } from './vga.ts';

/** v86 draws graphics only where this class of browsers exists. To be called before the emulator is made. */
export function enableGraphics(): void {
  const scope = globalThis as { ImageData?: unknown };
  scope.ImageData ??= class {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    constructor(data: Uint8ClampedArray, width: number) {
      this.data = data;
      this.width = width;
    }
  };
}

export async function writeScreenshot(emulator: Emulator, path: string): Promise<void> {
  const { vga } = emulator.v86.cpu.devices;
  const picture = vga.graphical_mode ? drawGraphics(vga, emulator.screen_adapter) : drawText(vga);
  await writeFile(path, encodePng(picture), { mode: 0o600 });
}

const GLYPH = { width: 8, bytes: 32, font: 0x2000 };
/** The adapter numbers its fonts in another order than they lie in. */
const FONT_ORDER = [0, 2, 4, 6, 1, 3, 5, 7];

export function drawText(vga: TextMode): Picture {
  const glyphHeight = (vga.max_scan_line & 31) + 1;
  const width = vga.max_cols * GLYPH.width;
  const height = vga.max_rows * glyphHeight;
  const rgb = new Uint8Array(width * height * 3);
  const select = vga.character_map_select;
  const font = (FONT_ORDER[((select & 12) >> 2) | ((select & 32) >> 3)] ?? 0) * GLYPH.font;
  const colour = (index: number) => vga.vga256_palette[vga.dac_mask & (vga.dac_map[index] ?? 0)] ?? 0;
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / glyphHeight);
    for (let column = 0; column < vga.max_cols; column += 1) {
      const at = (vga.start_address + row * vga.max_cols + column) * 2;
      const [character = 0, colours = 0] = vga.vga_memory.subarray(at, at + 2);
      const bits = vga.plane2[font + character * GLYPH.bytes + (y % glyphHeight)] ?? 0;
      for (let x = 0; x < GLYPH.width; x += 1) {
        const value = colour(bits & (0x80 >> x) ? colours & 15 : colours >> 4);
        rgb.set([value >> 16, value >> 8, value], (y * width + column * GLYPH.width + x) * 3);
      }
    }
  }
  return { width, height, rgb };
}

function drawGraphics(vga: Vga, screen: Screen): Picture {
  const [width, height] = [vga.screen_width, vga.screen_height];
  const rgb = new Uint8Array(width * height * 3);
  const usual = screen.update_buffer;
  screen.update_buffer = (layers) => {
    for (const layer of layers) copyLayer(layer, { width, height, rgb });
  };
  try {
    vga.complete_replot();
    vga.complete_redraw();
    vga.screen_fill_buffer();
  } finally {
    screen.update_buffer = usual;
  }
  return { width, height, rgb };
}

/** Rows and columns of the layer's buffer to their place on the screen, as far as they are on it. */
function copyLayer(layer: Layer, { width, height, rgb }: Picture): void {
  const { image_data: image, screen_x, screen_y, buffer_x, buffer_y, buffer_width, buffer_height } = layer;
  for (let row = 0; row < buffer_height; row += 1) {
    const y = screen_y + row;
    if (y < 0 || y >= height) continue;
    for (let column = 0; column < buffer_width; column += 1) {
      const x = screen_x + column;
      if (x < 0 || x >= width) continue;
      const from = ((buffer_y + row) * image.width + buffer_x + column) * 4;
      rgb.set(image.data.subarray(from, from + 3), (y * width + x) * 3);
    }
  }
}
