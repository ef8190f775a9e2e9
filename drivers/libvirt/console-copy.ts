/**
 * The console's log of a domain whose log this host cannot read: of another host, or of another user. It is written as a volume
 * beside the overlays, where libvirt lends it to us, and copied from there while the domain runs.
 */
import { rename } from 'node:fs/promises';
import { posix } from 'node:path';
import { sleep } from '../../src/host/deadline.ts';
import { inPool } from './pools.ts';
import { tryVirsh, type VirshContext, virsh } from './virsh.ts';

/** Milliseconds between copies; each is a login or two. virtlogd keeps a log below 2 MiB. */
const PAUSE_MS = 5_000;

export class ConsoleCopy {
  readonly #volume: string;
  readonly #file: string;
  readonly #stop = new AbortController();
  #following: Promise<void> = Promise.resolve();

  /** @param volume path of the log where the domain runs. @param file its copy on this host. */
  constructor(volume: string, file: string) {
    this.#volume = volume;
    this.#file = file;
  }

  begin(context: VirshContext): void {
    this.#following = this.#follow({ ...context, signal: this.#stop.signal }).catch(() => {});
  }

  /** The domain has ended: the last copy is the whole log. */
  async end(context: VirshContext): Promise<void> {
    this.#stop.abort();
    await this.#following;
    await this.#copy(context).catch((error: unknown) => {
      context.signal.throwIfAborted();
      context.host.log(`the console's log could not be copied: ${(error as Error).message}`);
    });
  }

  async #follow(context: VirshContext): Promise<void> {
    for (;;) {
      await sleep(PAUSE_MS, context.signal);
      // Its next turn comes soon, and the last copy is what counts.
      await this.#copy(context).catch(() => {});
    }
  }

  async #copy(context: VirshContext): Promise<void> {
    const part = `${this.#file}.part`;
    const argv = ['vol-download', '--vol', this.#volume, '--file', part];
    const { exitCode } = await tryVirsh(argv, context);
    if (exitCode !== 0) {
      await inPool(posix.dirname(this.#volume), context, async ({ name }) => {
        // It has not looked since the log was begun.
        await tryVirsh(['pool-refresh', '--pool', name], context);
        await virsh("copying the console's log", argv, context);
      });
    }
    await rename(part, this.#file);
  }
}
