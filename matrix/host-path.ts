/** Paths on the host as people write them in the file → absolute ones. */
import { resolve } from 'node:path';
import type { JsonSchema } from './engine-schema.ts';
import { mapLeaves } from './schema-walk.ts';

export interface PathBase {
  /** Relative paths start here: the matrix file's folder, absolute. */
  folder: string;
  /** What `~` stands for. */
  home: string;
}

export function absolutePath(path: string, { folder, home }: PathBase): string {
  if (path === '~') return home;
  return path.startsWith('~/') ? resolve(home, path.slice(2)) : resolve(folder, path);
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Every text that the schema calls a host path, made absolute. URLs and named alternatives (`uefi`) stay. */
export function withAbsolutePaths(value: unknown, schema: JsonSchema, base: PathBase): unknown {
  return mapLeaves(value, [schema], (leaf, schemas) =>
    typeof leaf === 'string' && isHostPath(leaf, schemas) ? absolutePath(leaf, base) : leaf,
  );
}

function isHostPath(text: string, schemas: readonly JsonSchema[]): boolean {
  if (schemas.some((schema) => schema.enum?.includes(text) || schema.const === text)) return false;
  return schemas.some(
    ({ format }) => format === 'host-path' || (format === 'host-path-or-url' && !isUrl(text)),
  );
}
