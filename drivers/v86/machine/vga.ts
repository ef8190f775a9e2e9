/** What is read of v86's graphics adapter, and where v86 hands over what it has drawn. */

/** The registers and memories of the adapter that a picture of its text mode takes. */
export interface TextMode {
  readonly max_cols: number;
  readonly max_rows: number;
  /** In characters. */
  readonly start_address: number;
  /** A character and its colours, by turns. */
  readonly vga_memory: Uint8Array;
  /** The fonts: eight of 256 characters with 32 bytes each. */
  readonly plane2: Uint8Array;
  /** Its low bits: height of a character less one. */
  readonly max_scan_line: number;
  readonly character_map_select: number;
  readonly dac_map: Uint8Array;
  readonly dac_mask: number;
  /** Colours as 0xRRGGBB. */
  readonly vga256_palette: Int32Array;
}

export interface Layer {
  image_data: { data: Uint8ClampedArray; width: number };
  screen_x: number;
  screen_y: number;
  buffer_x: number;
  buffer_y: number;
  buffer_width: number;
  buffer_height: number;
}

export interface Vga extends TextMode {
  readonly graphical_mode: boolean;
  readonly screen_width: number;
  readonly screen_height: number;
  /** Draws anew all of the screen at the next `screen_fill_buffer`. */
  complete_replot(): void;
  complete_redraw(): void;
  screen_fill_buffer(): void;
}

/** Where v86 hands over what it has drawn. */
export interface Screen {
  update_buffer(layers: readonly Layer[]): void;
}
