/** PowerShell's own words on stderr. */

/**
 * It puts them into XML (`#< CLIXML`) when it has no console: the texts of its error stream, or everything when there is no XML.
 */
export function plainStderr(stderr: string): string {
  if (!stderr.includes('#< CLIXML')) return stderr;
  const texts = [...stderr.matchAll(/<S S="Error">([^<]*)<\/S>/g)].map(([, text = '']) => unescaped(text));
  return texts.join('');
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescaped(text: string): string {
  return text
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/_x([0-9A-F]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
