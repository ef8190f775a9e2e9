/** The trees that cells upload: each packed once a run, however many guests it is streamed to. */
import { createReadStream } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { UploadSpec } from '../../matrix/model.ts';
import { packTree } from '../guest/transfer/pack.ts';
import type { Host, Lease } from '../host/host.ts';

export interface Pack {
  notes: string[];
  bytes: number;
  open(): Readable;
}

/** Packs on first use, into a folder that is leased like a machine's, so that a killed run leaves nothing. */
export class Uploads {
  readonly #host: Host;
  readonly #run: string;
  readonly #output: string;
  readonly #packs = new Map<string, Promise<Pack>>();
  #lease: Promise<Lease> | undefined;
  /** Packs begun. Two that are made side by side must not have one file. */
  #made = 0;

  /** @param output the run's own folder, which is never uploaded. */
  constructor(host: Host, run: string, output: string) {
    this.#host = host;
    this.#run = run;
    this.#output = output;
  }

  /**
   * @param results globs of result files: those on the host are left out, since a stale report that travels to the guest
   * and back would be taken for a fresh one.
   */
  pack(spec: UploadSpec, results: readonly string[], signal: AbortSignal): Promise<Pack> {
    const exclude = [...spec.exclude, ...results.map((glob) => `/${glob.replace(/^\.?\//, '')}`)];
    const output = relative(spec.from, this.#output);
    if (output !== '' && !output.startsWith('..')) exclude.push(`/${output.split(sep).join('/')}`);
    const key = JSON.stringify([spec.from, spec.gitignore, exclude]);
    let pack = this.#packs.get(key);
    if (!pack) {
      pack = this.#make(spec, exclude, signal);
      this.#packs.set(key, pack);
      // A pack cut short by one cell's deadline is no answer for the next cell.
      pack.catch(() => this.#packs.delete(key));
    }
    return pack;
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.#packs.values());
    await (await this.#lease)?.end();
  }

  /** A lease that could not be had is no answer for the next cell. */
  #leased(): Promise<Lease> {
    this.#lease ??= this.#host.leases
      .begin({ run: this.#run, engine: 'none', target: 'upload' })
      .catch((error: unknown) => {
        this.#lease = undefined;
        throw error;
      });
    return this.#lease;
  }

  async #make(spec: UploadSpec, exclude: string[], signal: AbortSignal): Promise<Pack> {
    this.#made += 1;
    const name = `${this.#made}.tar`;
    const { record } = await this.#leased();
    const file = join(record.folder, name);
    const packed = await packTree({ from: spec.from, exclude, gitignore: spec.gitignore, file, signal });
    return { notes: packed.notes, bytes: packed.bytes, open: () => createReadStream(file) };
  }
}
