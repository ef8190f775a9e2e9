/** Text → plain data with the place of everything in it, or all that is wrong with it as YAML. */
import { type Document, isScalar } from 'yaml';
import { type PlainDocument, plainDocument } from './document.ts';
import type { Found } from './find-node.ts';
import type { Problem } from './model.ts';
import { type Path, type Place, placer, showPath } from './place.ts';
import { offsetOf } from './yaml-nodes.ts';
import { parseYaml, type YamlFault } from './yaml-parse.ts';
import { yamlFaults } from './yaml-words.ts';

export interface MatrixDocument {
  file: string;
  value: Readonly<Record<string, unknown>>;
  /** A problem at a path: at its value, at its key, or at its nth `${{`. */
  problem(path: Path, message: string, options?: { hint?: string | undefined; at?: At }): Problem;
}

/** `value` is the default. A number counts the `${{` of a text from 0. */
export type At = 'key' | 'value' | number;

export type Loaded = { document: MatrixDocument; problems?: undefined } | { problems: Problem[] };

/** Texts of these sections are kept as they were written, whatever YAML takes them for. */
export function keepsSource(path: Path): boolean {
  const [section, second, third] = path;
  if (section === 'vars' || section === 'matrix') return true;
  return section === 'test' ? second === 'env' : section === 'targets' && third === 'with';
}

export function loadDocument(text: string, file: string): Loaded {
  const source = text.replace(/^\uFEFF/, '');
  const place = placer(source);
  const { plain, faults } = parse(source);
  if (plain === undefined || faults.length > 0) {
    const problems = faults.map(({ offset, ...words }) => ({ file, ...place(offset), ...words }));
    return { problems };
  }
  return { document: toDocument(file, source, plain, place) };
}

function parse(source: string): { plain?: PlainDocument; faults: YamlFault[] } {
  const control = controlCharacter(source);
  if (control) return { faults: [control] };
  const parsed = parseYaml(source);
  if (parsed.fault) return { faults: [parsed.fault] };
  const [document, second] = parsed.documents;
  if (!document?.contents) {
    const errors = document ? yamlErrors(document, source) : [];
    return { faults: errors.length > 0 ? errors : [EMPTY] };
  }
  if (second) return { faults: [severalDocuments(document.range[2])] };
  const { yaml } = document.directives;
  if (yaml.explicit && yaml.version !== '1.2') return { faults: [OTHER_YAML] };
  const plain = plainDocument(document, keepsSource);
  const faults = [...yamlErrors(document, source), ...plain.faults];
  return { plain, faults: faults.length > 0 ? faults : notAMap(plain.value) };
}

/** An unknown tag is only a warning to the parser. */
function yamlErrors({ errors, warnings }: Document.Parsed, source: string): YamlFault[] {
  return yamlFaults([...errors, ...warnings], source);
}

const START = 'a smallest file has `version: 1`, `targets:` and `test:`; `vmtest init` writes one';
const EMPTY: YamlFault = { offset: 0, message: 'the file is empty', hint: START };
const OTHER_YAML: YamlFault = {
  offset: 0,
  message: 'matrix files are YAML 1.2',
  hint: 'remove the `%YAML` line',
};

function severalDocuments(offset: number): YamlFault {
  return {
    offset,
    message: 'a second YAML document begins here',
    hint: 'one matrix a file: remove the `---`',
  };
}

function notAMap(value: unknown): YamlFault[] {
  if (value === null) return [EMPTY];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [];
  return [{ offset: 0, message: 'expected keys with values (`version: 1` and so on)', hint: START }];
}

/** YAML forbids them, and they would reach terminals and file names. */
function controlCharacter(source: string): YamlFault | undefined {
  const offset = source.search(/[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F]/);
  if (offset === -1) return undefined;
  const code = source.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  return {
    offset,
    message: `the control character U+${code} cannot stand in a matrix file`,
    hint: 'in a double-quoted text it can be written as an escape such as `\\e`',
  };
}

function toDocument(
  file: string,
  source: string,
  plain: PlainDocument,
  place: (offset: number) => Place,
): MatrixDocument {
  return {
    file,
    value: plain.value as Record<string, unknown>,
    problem(path, message, { hint, at = 'value' } = {}) {
      const found = plain.find(path);
      const offset = found === undefined ? 0 : offsetIn(found, at, source);
      return {
        file,
        ...place(offset),
        message,
        path: showPath(path),
        ...(hint === undefined ? {} : { hint }),
      };
    },
  };
}

function offsetIn(found: Found, at: At, source: string): number {
  if (found.key && at === 'key') return offsetOf(found.key);
  return offsetOf(found.node) + (typeof at === 'number' ? lookupOffset(found, at, source) : 0);
}

/** Where the nth `${{` lies in a scalar's source; its start when escapes hide it. */
function lookupOffset(found: Found, nth: number, source: string): number {
  if (!isScalar(found.node)) return 0;
  const [start = 0, end = 0] = found.node.range ?? [];
  const written = source.slice(start, end);
  let at = -1;
  for (let count = 0; count <= nth; count += 1) {
    at = written.indexOf('${', at + 1);
    while (at !== -1 && written[at + 2] !== '{') at = written.indexOf('${', at + 1);
  }
  return Math.max(0, at);
}
