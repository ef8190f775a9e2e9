/** Words and scripts for PowerShell, on whatever system it runs. */

/** A string literal: single quotes keep everything but themselves (typographic ones end a literal as well). */
export function quotePowerShell(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`;
}

/** A script as the argument of `-EncodedCommand`: no shell on the way can damage it. */
export function encodedCommand(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64');
}
