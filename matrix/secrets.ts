/**
 * Which values must never be shown: those of environment variables that are looked up under a key whose name says so,
 * whose own name says so, or which are listed.
 */
import type { Lookup } from './expressions.ts';
import type { Path } from './place.ts';

const SECRET_WORDS = /pass(?:word|wd|phrase)|secret|token|keys?$/i;

/** `password`, `API_TOKEN`, `guest.key`; not `keyboard`. */
export function isSecretKey(name: string): boolean {
  return SECRET_WORDS.test(name);
}

export interface LookedUp {
  lookup: Lookup;
  text: string;
}

export class Secrets {
  readonly #values = new Set<string>();
  /** Place and text that came from the environment → the values that went into it. */
  readonly #origins = new Map<string, ReadonlySet<string>>();

  constructor(listed: Iterable<string | undefined>) {
    for (const value of listed) this.#add(value ?? '');
  }

  /**
   * A text at `path` was made from looked-up ones. Answers whether a secret went into it.
   * What came from the environment by way of `vars`, targets or axes counts like what came directly.
   */
  saw(path: Path, text: string, lookedUp: readonly LookedUp[]): boolean {
    const origins = new Set(lookedUp.flatMap((one) => [...this.#originsOf(one)]));
    if (origins.size === 0) return false;
    this.#origins.set(originKey(nameOf(path), text), origins);
    for (const { lookup, text: value } of lookedUp) {
      if (lookup.context === 'env' && isSecretKey(lookup.names.join('.'))) this.#add(value);
    }
    if (isSecretKey(lastName(path))) for (const origin of origins) this.#add(origin);
    return [...origins].some((origin) => this.#values.has(origin));
  }

  values(): string[] {
    return [...this.#values];
  }

  /** Text for people, with every secret in it replaced. */
  mask(text: string): string {
    let masked = text;
    for (const value of [...this.#values].sort((a, b) => b.length - a.length)) {
      masked = masked.replaceAll(value, '***');
    }
    return masked;
  }

  #originsOf({ lookup, text }: LookedUp): Iterable<string> {
    if (lookup.context === 'env') return [text];
    return this.#origins.get(originKey(`${lookup.context}.${lookup.names[0]}`, text)) ?? [];
  }

  #add(value: string): void {
    if (value !== '') this.#values.add(value);
  }
}

function originKey(name: string, text: string): string {
  return `${name}=${text}`;
}

/** What a look-up calls the place: `vars.x`, `target.guest`, `matrix.node`. */
function nameOf(path: Path): string {
  const [section, second, , fourth] = path;
  if (section === 'targets') return `target.${path[2]}`;
  if (section === 'matrix' && (second === 'include' || second === 'exclude')) return `matrix.${fourth}`;
  return `${section}.${second}`;
}

/** List items go by the name of their list. */
function lastName(path: Path): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}
