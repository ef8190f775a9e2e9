/** Pictures as Hyper-V hands them out: RGB565, scaled to the size that was asked for. */

interface Pixels {
  width: number;
  height: number;
  rgb: Buffer;
}

/** A binary PPM (`P6`) with one byte a colour. */
export function readPpm(file: Buffer): Pixels {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 64));
  if (!header) throw new Error('no PPM');
  return { width: Number(header[1]), height: Number(header[2]), rgb: file.subarray(header[0].length) };
}

export function toRgb565(from: Pixels, { width, height }: { width: number; height: number }): Buffer {
  const image = Buffer.alloc(width * height * 2);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * from.height) / height) * from.width;
    for (let x = 0; x < width; x += 1) {
      const at = (row + Math.floor((x * from.width) / width)) * 3;
      const [red = 0, green = 0, blue = 0] = from.rgb.subarray(at, at + 3);
      image.writeUInt16LE(((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3), (y * width + x) * 2);
    }
  }
  return image;
}
