import type { Readable, Writable } from 'node:stream';
import type { ExecProcess } from '../../src/guest/exec/link.ts';
import type { Child } from '../../src/host/exec.ts';
import { endGroup } from './end-group.ts';

/** A user's program while it runs a command in a guest. */
export class ExecProgram implements ExecProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<string>;
  readonly #child: Child;
  #hasEnded = false;

  /** @param shown the program as people would call it. */
  constructor(child: Child, shown: string) {
    if (!child.pipes) throw new Error('the program was started without pipes');
    const { stdin, stdout, stderr, exited } = child.pipes;
    this.#child = child;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.ended = exited.then(({ exitCode, signal }) => {
      this.#hasEnded = true;
      return signal === undefined ? `${shown} ended with ${exitCode}` : `${shown} was ended by ${signal}`;
    });
  }

  end(): void {
    if (!this.#hasEnded) endGroup(this.#child);
  }
}
