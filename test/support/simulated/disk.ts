/** The disk of simulated processes, which may be full: nothing is made or grows then, but things can be renamed and removed. */
export const disk = { isFull: false };

/** @throws as the system does, while the disk is full. */
export function needRoom(path: unknown): void {
  if (!disk.isFull) return;
  throw Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), { code: 'ENOSPC' });
}
