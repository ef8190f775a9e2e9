/** Where in a YAML document a path of the plain data comes from. */
import { isMap, isSeq, type Node } from 'yaml';
import type { Path } from './place.ts';
import { type Anchors, follow, isMergeKey, keyText, type MapNode, mergeSources } from './yaml-nodes.ts';

export interface Found {
  node: Node;
  /** In a map. */
  key: Node | undefined;
}

/** The node at a path, or the nearest ancestor that is there; aliases and merge keys followed. */
export function findNode(root: Node, path: Path, anchors: Anchors): Found {
  let found: Found = { node: root, key: undefined };
  for (const part of path) {
    const next = child(follow(found.node, anchors), part, anchors);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function child(node: Node | undefined, part: string | number, anchors: Anchors): Found | undefined {
  if (isSeq(node)) {
    const item = typeof part === 'number' ? (node.items[part] as Node | null | undefined) : undefined;
    return item ? { node: item, key: undefined } : undefined;
  }
  if (!isMap(node)) return undefined;
  const items = (node as MapNode).items;
  const pair = items.find(({ key }) => keyText(key, anchors) === String(part));
  if (pair?.key) return { node: pair.value ?? pair.key, key: pair.key };
  for (const merge of items.filter(isMergeKey)) {
    for (const source of mergeSources(merge, anchors)) {
      const found = child(source, part, anchors);
      if (found) return found;
    }
  }
  return undefined;
}
