/** `nobody`, on most systems. */
const OTHER = 65_534;

/**
 * Does work without the rights of root, whom no mode of a file keeps out; who is not root does it as himself.
 * The whole process changes its user, so nothing else may go on in it.
 */
export async function withoutRoot<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(OTHER);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
