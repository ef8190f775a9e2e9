/**
 * The last line of a Linux panic, as the kernel prints it since version 4.17: `---[ end Kernel panic - not syncing: why
 * ]---`, behind a time stamp where they are on. It is looked for at the beginning of a line only: what a test prints
 * about panics is not one.
 */
const PANIC = /(?:^|\n)(?:\[ *\d+\.\d+\] )?---\[ end Kernel panic - not syncing: ([^\r\n]*?) \]---\r?\n/;

/** Why the guest's kernel panicked, or undefined. */
export function findPanic(text: string): string | undefined {
  return PANIC.exec(text)?.[1]?.replace(/[^\P{C}]/gu, '');
}
