/** Notices when a machine ends, stops for good or restarts without anybody having asked for it; and says why in words. */
import type { QemuProcess } from './process.ts';
import type { QmpEvent } from './qmp.ts';

export interface DeathWatch {
  /** Resolves with why. Never rejects, and never resolves after `expect`. */
  readonly died: Promise<string>;
  /** Calls back for every restart of the guest from now on. */
  onRestart(listener: () => void): void;
  /** From now on the end is what we want. */
  expect(): void;
}

/** Causes that QEMU names in its SHUTDOWN event. */
const SHUTDOWN_REASONS: Readonly<Record<string, string>> = {
  'guest-shutdown': 'the guest powered off',
  'guest-reset': 'the guest rebooted, and QEMU was told to end then',
  'guest-panic': "the guest's kernel panicked",
  'host-signal': 'QEMU was told to end by a signal',
  'host-qmp-quit': 'QEMU was told to end by somebody else on its control socket',
  'host-error': 'QEMU hit an error of the host',
};

/** States of a machine that runs no further though its process lives. */
const STUCK: Readonly<Record<string, string>> = {
  'internal-error': 'the processor emulation gave up (internal error of QEMU or KVM)',
  'guest-panicked': "the guest's kernel panicked",
};

export function watchForDeath(process: QemuProcess): DeathWatch {
  let expected = false;
  let reason: string | undefined;
  let tell: (why: string) => void = () => {};
  const died = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const die = (why: string) => {
    if (!expected) tell(why);
  };
  process.qmp.on((event) => {
    reason = shutdownReason(event) ?? reason;
    const error = diskError(event);
    if (error !== undefined) die(error);
    if (event.event === 'STOP' && !expected) void whyStuck(process).then((why) => why && die(why));
  });
  void process.ended.then(() => die(reason ?? process.epitaph()));
  return {
    died,
    onRestart: (listener) => {
      process.qmp.on((event) => {
        if (isRestart(event)) listener();
      });
    },
    expect: () => {
      expected = true;
    },
  };
}

function shutdownReason({ event, data }: QmpEvent): string | undefined {
  if (event === 'GUEST_PANICKED') return SHUTDOWN_REASONS['guest-panic'];
  return event === 'SHUTDOWN' ? SHUTDOWN_REASONS[String(data['reason'])] : undefined;
}

/** Of the guest's own doing: QEMU resets machines for reasons of its own too. */
function isRestart({ event, data }: QmpEvent): boolean {
  return event === 'RESET' && data['guest'] === true;
}

/** QEMU pauses a guest whose disk cannot be written, usually since the host's is full. */
function diskError({ event, data }: QmpEvent): string | undefined {
  if (event !== 'BLOCK_IO_ERROR' || data['action'] !== 'stop') return undefined;
  return data['nospace'] === true
    ? "the host's disk is full: the guest was paused"
    : `the guest's disk cannot be ${data['operation'] === 'read' ? 'read' : 'written'}: ${data['reason'] ?? 'I/O error'}`;
}

/** A STOP event does not say why. */
async function whyStuck({ qmp }: QemuProcess): Promise<string | undefined> {
  try {
    const { status } = (await qmp.execute('query-status')) as { status: string };
    return STUCK[status];
  } catch {
    return undefined;
  }
}
