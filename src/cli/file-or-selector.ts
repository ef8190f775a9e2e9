/** `vmtest run debian-12` names a cell, `vmtest run ci/matrix.yml` a file: files end in .yml, .yaml or .json. */
export function isFile(word: string): boolean {
  return /\.(ya?ml|json)$/i.test(word);
}

export function splitFile(
  file: string | undefined,
  selectors: readonly string[],
): { file?: string; selectors: string[] } {
  if (file === undefined) return { selectors: [] };
  if (isFile(file)) return { file, selectors: [...selectors] };
  return { selectors: [file, ...selectors] };
}
