/**
 * How a program takes its command line apart: the rules that Microsoft gives for CommandLineToArgvW and its C runtime. 2n
 * backslashes before a quote are n and the quote counts; 2n + 1 are n and a plain quote; other backslashes are themselves; a quote
 * doubled inside quotes is a plain one.
 */
export function splitArguments(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] as string;
    if (character === '\\') {
      const run = /^\\+/.exec(line.slice(at))?.[0].length ?? 0;
      const beforeQuote = line[at + run] === '"';
      word = (word ?? '') + '\\'.repeat(beforeQuote ? Math.floor(run / 2) : run);
      at += run - 1;
      if (beforeQuote && run % 2 === 1) {
        word += '"';
        at += 1;
      }
    } else if (character === '"') {
      word ??= '';
      if (quoted && line[at + 1] === '"') {
        word += '"';
        at += 1;
      } else quoted = !quoted;
    } else if (!quoted && /[ \t]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}
