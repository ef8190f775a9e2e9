/** The nodes of a YAML document: aliases, merge keys, keys as text, places. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import type { YamlFault } from './yaml-parse.ts';

export type Anchors = ReadonlyMap<Alias, Node>;
export type MapNode = Node & { items: Pair<Node | null, Node | null>[] };

/** What each alias stands for: the last anchor of its name before it. */
export function resolveAliases(root: Node | null, faults: YamlFault[]): Anchors {
  const named = new Map<string, Node>();
  const resolved = new Map<Alias, Node>();
  const pending: (Node | null)[] = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (!node) continue;
    if (isAlias(node)) {
      const target = named.get(node.source);
      if (target) resolved.set(node, target);
      else faults.push(unknownAnchor(node));
      continue;
    }
    const anchor = (node as Scalar).anchor;
    if (anchor !== undefined) named.set(anchor, node);
    pending.push(...children(node).toReversed());
  }
  return resolved;
}

function children(node: Node): (Node | null)[] {
  if (isSeq(node)) return node.items as (Node | null)[];
  if (isMap(node)) return (node as MapNode).items.flatMap((pair) => [pair.key, pair.value]);
  return [];
}

function unknownAnchor(alias: Alias): YamlFault {
  return {
    offset: offsetOf(alias),
    message: `no anchor is called \`${alias.source}\` (YAML)`,
    hint: 'quote a value that begins with `*`',
  };
}

export function keyText(node: unknown, anchors: Anchors): string | undefined {
  const key = isAlias(node) ? anchors.get(node) : node;
  if (!isScalar(key)) return undefined;
  const scalar = key as Scalar;
  if (typeof scalar.value === 'string') return scalar.value;
  return scalar.source === undefined || scalar.source === '' ? undefined : scalar.source;
}

export function isMergeKey(pair: Pair): boolean {
  const key = pair.key;
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** The maps that a merge key names; undefined stands for something that is none. */
export function mergeSources(pair: Pair, anchors: Anchors): (Node | undefined)[] {
  const value = follow(pair.value as Node | null, anchors);
  if (!value || !isSeq(value)) return [value];
  return value.items.map((item) => follow(item as Node | null, anchors));
}

export function follow(node: Node | null, anchors: Anchors): Node | undefined {
  return isAlias(node) ? anchors.get(node) : (node ?? undefined);
}

export function offsetOf(node: Node): number {
  return (node.range?.[0] as number | undefined) ?? 0;
}
