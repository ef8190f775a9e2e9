/** Takes out of VBoxManage's answers what may differ from one run to the next, and nothing else. */
import type { ExecResult } from '../../../src/host/exec.ts';

/** One for each tool: what is random becomes the number of its first appearance, so that what was the same stays the same. */
export function createNormaliser(work: string): (result: ExecResult) => object {
  const seen = new Map<string, string>();
  const numbered = (kind: string) => (match: string) => {
    const known = seen.get(match.toLowerCase()) ?? `<${kind} ${seen.size + 1}>`;
    seen.set(match.toLowerCase(), known);
    return known;
  };
  const text = (said: string) =>
    withoutUsage(said)
      .replaceAll(work, '<work>')
      .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, numbered('id'))
      .replace(/(?<=")080027[0-9A-F]{6}(?=")/g, numbered('mac'))
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z?/g, '<time>')
      .replace(/(?<=timestamp: )\d{19}/g, '<time>')
      .replace(/^(?:\d+%\.\.\.)+(?:100%)?/gm, '<progress>')
      .replace(/(?<=^|Version )\d+\.\d+\.\d+_Debian(?:r\d+)?/gm, '<version>')
      .replace(/(?<=\(C\) 2005-)\d{4}/, '<year>')
      // Changes when the server that keeps the settings has ended meanwhile and reads them again.
      .replace(/(?<=^localhostReachable=)"[01]"$/gm, '<0 or 1>')
      // Lines of sources, for developers.
      .replace(/^VBoxManage: error: Context: .*\n/gm, '');
  return ({ exitCode, stdout, stderr }) => ({ exitCode, stdout: text(stdout), stderr: text(stderr) });
}

/** How a command is used is a page of its own, and says nothing of what happened. */
function withoutUsage(said: string): string {
  return said.replace(/\n*^Usage(?: - .*)?:\n(?:(?!VBoxManage: error:).*\n?)*/gm, '\n<usage>\n');
}
