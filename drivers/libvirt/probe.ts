/** Is libvirt here? Only the local ones are asked: a matrix file may name others. */
import { VmtestError } from '../../src/host/errors.ts';
import { killedWords } from '../../src/host/exec.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { explain } from './errors.ts';
import { KVM, kvmTrouble } from './kvm.ts';
import { INSTALL } from './virsh.ts';

const VERSION = /^\d+(?:\.\d+)+/;
/** Characters of an answer that is told to people. */
const SHOWN = 80;

interface Asked {
  ok: boolean;
  text: string;
  error?: VmtestError;
}

const LOCAL = ['qemu:///system', 'qemu:///session'] as const;

/** @param kvm for tests. */
export async function probeLibvirt(context: DriverContext, kvm = KVM): Promise<Probe> {
  const client = await ask(['--version'], context);
  const version = VERSION.exec(client.text)?.[0];
  if (version === undefined) return unusable(client);
  const answers = await Promise.all(
    LOCAL.map(async (uri) => ({ uri, ...(await ask(['--connect', uri, '--quiet', 'version'], context)) })),
  );
  const findings = answers.map(({ uri, ok, text, error }) => {
    const hypervisor = /^Running hypervisor: (.*)$/m.exec(text)?.[1] ?? 'it answers';
    return ok ? `${uri}: ${hypervisor}` : `${uri}: ${error?.message ?? 'it does not answer'}`;
  });
  // Others may be had by a URI, so this much is enough.
  const fixes = answers.flatMap(({ ok, error }) => (ok || error?.hint === undefined ? [] : [error.hint]));
  const trouble = await kvmTrouble(kvm);
  if (trouble) fixes.push(trouble.fix);
  return {
    available: true,
    version,
    findings: [`virsh ${version}`, ...findings, ...(trouble ? [trouble.finding] : [])],
    fixes: [...new Set(fixes)],
  };
}

function unusable({ text, error }: Asked): Probe {
  if (error?.code === 'COMMAND_NOT_FOUND')
    return { available: false, findings: ['`virsh` is not installed'], fixes: [INSTALL] };
  const why = error?.message ?? `it said ${JSON.stringify(text.slice(0, SHOWN))}`;
  return { available: false, findings: [`\`virsh --version\` does not work: ${why}`], fixes: [] };
}

async function ask(args: readonly string[], { host, signal }: DriverContext): Promise<Asked> {
  try {
    const result = await host.exec(['virsh', ...args], { signal, timeout: 5_000 });
    if (result.exitCode === 0) return { ok: true, text: result.stdout };
    const said = killedWords('virsh', result) ?? result.stderr;
    return { ok: false, text: '', error: explain(said, { doing: 'connecting', code: 'LIBVIRT_FAILED' }) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, text: '', ...(error instanceof VmtestError ? { error } : {}) };
  }
}
