/**
 * A disk in layers of files, in the form in which v86 takes one. The image and the frozen layer are opened for reading
 * only; sectors that the guest writes go into a sparse file of the machine's own, not into memory, so that a guest that
 * fills its disk does not fill the host's memory.
 *
 * All calls are synchronous: no request is under way when the state is saved, and files are in the page cache mostly.
 */
import { fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { DiskLayers } from '../protocol.ts';

const SECTOR = 512;

interface Layer {
  file: number;
  /** One bit a sector: which ones this layer has. */
  has: Uint8Array;
}

export class Disk {
  /** v86 reads it: bytes, whole sectors. */
  readonly byteLength: number;
  /** Set by v86, called by `load`. */
  onload: ((event: object) => void) | undefined;
  readonly #image: number;
  readonly #frozen: Layer | undefined;
  readonly #own: Layer;

  constructor({ image, frozen, own }: DiskLayers) {
    this.#image = openSync(image, 'r');
    this.byteLength = Math.ceil(fstatSync(this.#image).size / SECTOR) * SECTOR;
    const sectors = () => new Uint8Array(Math.ceil(this.byteLength / SECTOR / 8));
    if (frozen !== undefined) this.#frozen = { file: openSync(frozen, 'r'), has: sectors() };
    this.#own = { file: openSync(own, 'w+', 0o600), has: sectors() };
    ftruncateSync(this.#own.file, this.byteLength);
  }

  load(): void {
    this.onload?.({});
  }

  get(start: number, length: number, done: (data: Uint8Array) => void): void {
    done(this.read(start, length));
  }

  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void {
    this.get(start, length, done);
  }

  get_from_cache(start: number, length: number): Uint8Array {
    return this.read(start, length);
  }

  set(start: number, data: Uint8Array, done: () => void): void {
    writeWhole(this.#own.file, data, start);
    for (let at = start; at < start + data.length; at += SECTOR) mark(this.#own, at / SECTOR);
    done();
  }

  /** Part of the saved state: which sectors the frozen layer will have. */
  get_state(): [Uint8Array] {
    if (this.#frozen) throw new Error('a machine that came from a saved state is not saved again');
    return [this.#own.has];
  }

  set_state([has]: [Uint8Array]): void {
    this.#frozen?.has.set(has);
  }

  /** v86 asks for the whole disk when somebody wants to download it; nobody does. */
  get_buffer(done: () => void): void {
    done();
  }

  read(start: number, length: number): Uint8Array {
    const data = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const layer = this.#layerOf((start + at) / SECTOR);
      const run = this.#runOf(layer, start + at, start + length);
      // A file that ends within the last sector leaves zeros.
      readSync(layer?.file ?? this.#image, data, at, run, start + at);
      at += run;
    }
    return data;
  }

  /** Copies what was written into a file of its own, which becomes the frozen layer. */
  freeze(path: string): void {
    const file = openSync(path, 'wx', 0o600);
    ftruncateSync(file, this.byteLength);
    for (let at = 0; at < this.byteLength; ) {
      const layer = this.#layerOf(at / SECTOR);
      const run = this.#runOf(layer, at, Math.min(this.byteLength, at + 1024 ** 2));
      if (layer) writeWhole(file, this.read(at, run), at);
      at += run;
    }
  }

  #layerOf(sector: number): Layer | undefined {
    if (has(this.#own, sector)) return this.#own;
    return this.#frozen && has(this.#frozen, sector) ? this.#frozen : undefined;
  }

  /** Bytes from `start` that lie in the same layer. */
  #runOf(layer: Layer | undefined, start: number, end: number): number {
    let at = start + SECTOR;
    while (at < end && this.#layerOf(at / SECTOR) === layer) at += SECTOR;
    return Math.min(at, end) - start;
  }
}

function has({ has: bits }: Layer, sector: number): boolean {
  return ((bits[sector >> 3] ?? 0) & (1 << (sector & 7))) !== 0;
}

function mark({ has: bits }: Layer, sector: number): void {
  bits[sector >> 3] = (bits[sector >> 3] ?? 0) | (1 << (sector & 7));
}

function writeWhole(file: number, data: Uint8Array, position: number): void {
  for (let done = 0; done < data.length; ) {
    done += writeSync(file, data, done, data.length - done, position + done);
  }
}
