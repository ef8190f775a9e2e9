/**
 * An engine's way to run one command in a guest with all three streams connected, as `docker exec -i` and `kubectl exec -i`
 * do. It need not pass on exit codes: scripts tell their own.
 */
import type { Readable, Writable } from 'node:stream';

export interface ExecLink {
  /**
   * Starts a program on the host that runs `command`, one short line for the guest's shell, in the guest.
   * @throws VmtestError what cannot be mended by trying again: there is no such program.
   */
  start(command: string): Promise<ExecProcess>;
}

/** Such a program. */
export interface ExecProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Resolves when it has ended, with how, in words. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it with all that it has started on the host: politely, then by force. What runs in the guest is not its affair. */
  end(): void;
}
