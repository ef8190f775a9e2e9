/** Tables of engines, from what the drivers say of themselves and from what shows it. */
import { engines } from '../../drivers/registry.ts';
import { type Ability, type Backing, PROOFS, type Proof } from './proofs.ts';

const COLUMNS: readonly [Ability, string][] = [
  ['liveSnapshot', 'cells start running'],
  ['linkedClone', 'clones side by side'],
  ['agent', 'guest agent'],
  ['portForward', 'SSH by forwarded port'],
  ['console', 'console log'],
  ['screenshot', 'screenshot'],
];

/** `✓` alone is the real thing. */
const SIGNS: Readonly<Record<Backing, string>> = {
  real: '✓',
  tool: '✓ ᵗ',
  'stand-in': '✓ ˢ',
  documents: '✓ ᵈ',
  program: '✓ ᵖ',
};
const WORDS: Readonly<Record<Backing, string>> = {
  real: 'real engine',
  tool: 'stand-in, held against the real tool',
  'stand-in': 'stand-in',
  documents: 'documentation; its requests and refusals',
  program: 'a program of ours, driving QEMU',
};

/** The README's: what each engine can do. */
export async function engineTable(): Promise<string> {
  const rows = Object.entries(engines).map(async ([name, { schema, load }]) => {
    const { capabilities } = await load();
    const cells = COLUMNS.map(([key]) => (capabilities[key] ? sign(PROOFS[name]?.[key]) : ''));
    return [`\`${name}\``, schema.description, ...cells];
  });
  return table(['engine', '', ...COLUMNS.map(([, title]) => title)], await Promise.all(rows));
}

/** Which test shows each ability, and on what. @param root from the page to the project's root. */
export function proofTable(root: string): string {
  const rows = Object.entries(PROOFS).flatMap(([name, proofs]) =>
    COLUMNS.flatMap(([key, title]) => {
      const proof = proofs[key];
      return proof ? [[`\`${name}\``, title, WORDS[proof.by], link(proof, root)]] : [];
    }),
  );
  return table(['engine', 'ability', 'shown on', 'by'], rows);
}

/** `fake` needs no proof: it makes everything up. */
function sign(proof: Proof | undefined): string {
  return proof ? SIGNS[proof.by] : '(✓)';
}

function link({ test, name }: Proof, root: string): string {
  return `[${name}](${root}${test})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
