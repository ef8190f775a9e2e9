/**
 * A YAML document as plain data, with the place of everything in it. Scalars are typed as in YAML 1.2, but where the
 * source text counts (`keepsSource`) plain scalars stay texts: `3.10`, `yes`, `0x10`, `~`. An empty value is null.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import { type Found, findNode } from './find-node.ts';
import type { Path } from './place.ts';
import {
  type Anchors,
  isMergeKey,
  keyText,
  type MapNode,
  mergeSources,
  offsetOf,
  resolveAliases,
} from './yaml-nodes.ts';
import type { YamlFault } from './yaml-parse.ts';

/** Counted after aliases are followed, so that a few lines cannot stand for billions of values. */
const MOST_VALUES = 200_000;
/** Levels after aliases and merge keys are followed. */
const DEEPEST = 100;
/** The parser knows them, but they are no plain data. Tags that it does not know are its own errors. */
const REFUSED_TAGS = ['binary', 'set', 'omap', 'pairs', 'timestamp', 'merge'].map(
  (tag) => `tag:yaml.org,2002:${tag}`,
);

export interface PlainDocument {
  value: unknown;
  /** The nodes at a path; aliases and merge keys followed. */
  find(path: Path): Found | undefined;
  faults: YamlFault[];
}

export function plainDocument(
  document: Document.Parsed,
  keepsSource: (path: Path) => boolean,
): PlainDocument {
  const faults: YamlFault[] = [];
  const root = document.contents as Node | null;
  const anchors = resolveAliases(root, faults);
  const converter = new Converter(anchors, keepsSource, faults);
  return {
    value: root === null ? null : converter.convert(root, []),
    find: (path) => (root === null ? undefined : findNode(root, path, anchors)),
    faults,
  };
}

class Converter {
  readonly #anchors: Anchors;
  readonly #keepsSource: (path: Path) => boolean;
  readonly #faults: YamlFault[];
  /** The nodes that conversion is inside of: one that comes again contains itself. */
  readonly #open: Node[] = [];
  #values = 0;

  constructor(anchors: Anchors, keepsSource: (path: Path) => boolean, faults: YamlFault[]) {
    this.#anchors = anchors;
    this.#keepsSource = keepsSource;
    this.#faults = faults;
  }

  convert(node: Node | null, path: Path): unknown {
    this.#values += 1;
    if (this.#values > MOST_VALUES) return this.#tooMany(node);
    if (this.#open.length > DEEPEST) return this.#tooDeep(node);
    if (node === null) return null;
    if (isAlias(node)) return this.#follow(node, path);
    if (node.tag !== undefined && REFUSED_TAGS.includes(node.tag)) return this.#refusedTag(node);
    if (isScalar(node)) return this.#scalar(node as Scalar, path);
    if (isSeq(node)) return this.#list(node.items as (Node | null)[], node, path);
    return this.#map(node as MapNode, path);
  }

  #tooMany(node: Node | null): undefined {
    if (this.#values !== MOST_VALUES + 1) return;
    const message = `the file stands for more than ${MOST_VALUES} values, aliases followed`;
    this.#faults.push({ offset: node ? offsetOf(node) : 0, message });
  }

  #tooDeep(node: Node | null): undefined {
    const message = 'this is nested too deeply for a matrix file, aliases followed';
    this.#faults.push({ offset: node ? offsetOf(node) : 0, message });
  }

  #refusedTag(node: Node): undefined {
    const tag = node.tag?.replace('tag:yaml.org,2002:', '!!');
    this.#faults.push({
      offset: offsetOf(node),
      message: `the tag \`${tag}\` is not supported (YAML)`,
      hint: 'leave it out',
    });
  }

  #follow(alias: Alias, path: Path): unknown {
    const node = this.#anchors.get(alias);
    if (node === undefined) return undefined;
    if (!this.#open.includes(node)) return this.convert(node, path);
    this.#faults.push({ offset: offsetOf(alias), message: `the alias \`*${alias.source}\` contains itself` });
    return undefined;
  }

  #list(items: readonly (Node | null)[], list: Node, path: Path): unknown[] {
    this.#open.push(list);
    const values = items.map((item, index) => this.convert(item, [...path, index]));
    this.#open.pop();
    return values;
  }

  #scalar(scalar: Scalar, path: Path): unknown {
    const empty = scalar.value === null && (scalar.source ?? '') === '';
    const plain = scalar.type === undefined || scalar.type === 'PLAIN';
    if (typeof scalar.value === 'string' && scalar.value.includes('\0')) {
      this.#faults.push({ offset: offsetOf(scalar), message: 'a text cannot contain the character U+0000' });
    }
    if (!empty && plain && this.#keepsSource(path)) return scalar.source ?? String(scalar.value);
    return scalar.value;
  }

  #map(map: MapNode, path: Path): unknown {
    const result: Record<string, unknown> = {};
    const own = this.#ownKeys(map);
    this.#open.push(map);
    for (const pair of map.items) {
      const key = keyText(pair.key, this.#anchors);
      if (isMergeKey(pair)) this.#merge(result, own, pair, path);
      else if (key !== undefined && own.get(key) === pair)
        result[key] = this.convert(pair.value, [...path, key]);
    }
    this.#open.pop();
    return result;
  }

  #ownKeys(map: MapNode): Map<string, Pair> {
    const own = new Map<string, Pair>();
    let merges = 0;
    for (const pair of map.items) {
      if (isMergeKey(pair)) merges += 1;
      const key = keyText(pair.key, this.#anchors);
      const problem = keyProblem(key, isMergeKey(pair) ? merges > 1 : own.has(key ?? ''));
      if (problem) this.#faults.push({ offset: offsetOf(pair.key ?? pair.value ?? map), ...problem });
      else if (key !== undefined && !isMergeKey(pair)) own.set(key, pair);
    }
    return own;
  }

  /** Explicit keys win over merged ones, earlier merged maps over later ones. */
  #merge(result: Record<string, unknown>, own: ReadonlyMap<string, Pair>, pair: Pair, path: Path): void {
    for (const source of mergeSources(pair, this.#anchors)) {
      if (!isMap(source) || this.#open.includes(source)) {
        const message = '`<<` needs the alias of another map, or a list of them';
        this.#faults.push({ offset: offsetOf((pair.value as Node | null) ?? (pair.key as Node)), message });
        continue;
      }
      const merged = this.convert(source, path) as Record<string, unknown> | undefined;
      for (const [key, value] of Object.entries(merged ?? {})) {
        if (!own.has(key) && !Object.hasOwn(result, key)) result[key] = value;
      }
    }
  }
}

function keyProblem(key: string | undefined, repeated: boolean): Omit<YamlFault, 'offset'> | undefined {
  if (key === undefined) return { message: 'a key must be plain text' };
  if (key === '__proto__') return { message: '`__proto__` cannot be a key' };
  if (repeated) return { message: `the key \`${key}\` appears twice in one map`, hint: 'remove one of them' };
  return undefined;
}
