/** The private folder again, should a command have cleaned up all too well (`rm -rf /tmp/*`). */
export function keepFolder(folder: string): string {
  return `[ -d ${folder} ] || mkdir -m 700 ${folder}`;
}
