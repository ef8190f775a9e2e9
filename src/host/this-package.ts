/** The package that this code belongs to. Sources and build lie at different depths of it. */
import { readFileSync } from 'node:fs';

interface ThisPackage {
  root: URL;
  version: string;
}

let known: ThisPackage | undefined;

export function version(): string {
  return thisPackage().version;
}

/** A file that is published with it, such as `schema/matrix.schema.json`. */
export function packageFile(path: string): URL {
  return new URL(path, thisPackage().root);
}

function thisPackage(): ThisPackage {
  known ??= find(new URL('.', import.meta.url));
  return known;
}

function find(folder: URL): ThisPackage {
  try {
    const { name, version: found } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as {
      name?: string;
      version?: string;
    };
    if (name === 'vmtest' && found) return { root: folder, version: found };
  } catch {
    // Not here: look further up.
  }
  const parent = new URL('..', folder);
  return parent.href === folder.href ? { root: folder, version: '0.0.0' } : find(parent);
}
