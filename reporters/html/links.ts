/** From files of the output folder to links of a page that may stand elsewhere. */
import { dirname, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @returns the link; undefined for what is no plain path below the output folder. */
export type LinkTo = (file: string) => string | undefined;

export function linksFrom(page: string, output: string): LinkTo {
  const base = prefixOf(relative(dirname(page), output), output);
  return (file) => {
    const parts = file.split('/');
    // Results of other programs may name anything.
    if (parts.some((part) => /^\.{0,2}$/.test(part) || /[\\\0]/.test(part))) return undefined;
    return base + parts.map(encoded).join('/');
  };
}

/** Another drive of Windows has no relative path. */
function prefixOf(path: string, output: string): string {
  if (path === '') return '';
  if (/^([A-Za-z]:|[/\\])/.test(path)) return `${pathToFileURL(output).href}/`;
  return `${path.split(sep).map(encoded).join('/')}/`;
}

/** `:` as well, which would make a scheme of the first part. */
function encoded(part: string): string {
  return encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll("'", '%27');
}
