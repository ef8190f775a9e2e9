/** Is libvirt here? Only the local ones are asked: a matrix file may name others. */
import { VmtestError } from '../../src/host/errors.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { explain } from './errors.ts';
import { INSTALL } from './virsh.ts';

const LOCAL = ['qemu:///system', 'qemu:///session'] as const;

export async function probeLibvirt(context: DriverContext): Promise<Probe> {
  const client = await ask(['--version'], context);
  if (!client.ok) return { available: false, findings: ['`virsh` is not installed'], fixes: [INSTALL] };
  const version = client.text.trim();
  const answers = await Promise.all(
    LOCAL.map(async (uri) => ({ uri, ...(await ask(['--connect', uri, '--quiet', 'version'], context)) })),
  );
  const findings = answers.map(({ uri, ok, text, error }) => {
    const hypervisor = /^Running hypervisor: (.*)$/m.exec(text)?.[1] ?? 'it answers';
    return ok ? `${uri}: ${hypervisor}` : `${uri}: ${error?.message ?? 'it does not answer'}`;
  });
  // Others may be had by a URI, so this much is enough.
  const fixes = answers.flatMap(({ ok, error }) => (ok || error?.hint === undefined ? [] : [error.hint]));
  return {
    available: true,
    version,
    findings: [`virsh ${version}`, ...findings],
    fixes: [...new Set(fixes)],
  };
}

async function ask(
  args: readonly string[],
  { host, signal }: DriverContext,
): Promise<{ ok: boolean; text: string; error?: VmtestError }> {
  try {
    const { exitCode, stdout, stderr } = await host.exec(['virsh', ...args], { signal, timeout: 5_000 });
    if (exitCode === 0) return { ok: true, text: stdout };
    return { ok: false, text: '', error: explain(stderr, { doing: 'connecting', code: 'LIBVIRT_FAILED' }) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, text: '', ...(error instanceof VmtestError ? { error } : {}) };
  }
}
