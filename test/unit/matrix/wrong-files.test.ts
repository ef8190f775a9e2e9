/** Files as people get them wrong, and all that is printed about them: `wrong-files/NAME.yml` and `NAME.txt`. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatProblems } from '../../../matrix/problems.ts';
import { load } from './support.ts';

const folder = fileURLToPath(new URL('wrong-files/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));

describe('wrong files', () => {
  it.each(names)('%s', async (name) => {
    const text = readFileSync(folder + name, 'utf8');
    const { problems } = load(text, { file: name, env: { API_TOKEN: 'very-secret' } });
    expect(problems).not.toHaveLength(0);
    const shown = formatProblems(problems ?? [], text);
    expect(shown).not.toContain('very-secret');
    await expect(shown).toMatchFileSnapshot(folder + name.replace(/yml$/, 'txt'));
  });
});
