/** Options as VirtualBox's own parser takes them: `--name value` and `--name=value`, before and after the other words. */
import { usageFailure } from './failure.ts';

export type Spec = Readonly<Record<string, 'flag' | 'value'>>;

export interface Parsed {
  words: string[];
  values: Map<string, string>;
  /** After `--`. */
  rest: string[];
}

export function parseOptions(args: readonly string[], spec: Spec): Parsed {
  const parsed: Parsed = { words: [], values: new Map(), rest: [] };
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] as string;
    if (word === '--') {
      parsed.rest = args.slice(at + 1);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      parsed.words.push(word);
      continue;
    }
    const [, name = word, value] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? [];
    const kind = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (kind === undefined) throw usageFailure(`Unknown option: ${word}`);
    if (kind === 'flag') {
      parsed.values.set(name, '');
    } else {
      if (value === undefined) at += 1;
      const given = value ?? args[at];
      if (given === undefined) throw usageFailure(`Missing value for option: ${name}`);
      parsed.values.set(name, given);
    }
  }
  return parsed;
}
