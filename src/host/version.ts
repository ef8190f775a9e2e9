import { readFileSync } from 'node:fs';

let known: string | undefined;

/** This package's version, from the package.json nearest above this file (sources and build lie at different depths). */
export function version(): string {
  known ??= find(new URL('.', import.meta.url));
  return known;
}

function find(folder: URL): string {
  try {
    const { name, version: found } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
      name?: string;
      version?: string;
    };
    if (name === 'vmtest' && found) return found;
  } catch {
    // Not here: look further up.
  }
  const parent = new URL('..', folder);
  return parent.href === folder.href ? '0.0.0' : find(parent);
}
