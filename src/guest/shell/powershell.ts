/** Words for PowerShell, on whatever system it runs. */

/** A string literal: single quotes keep everything but themselves (typographic ones end a literal as well). */
export function quotePowerShell(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;
}
