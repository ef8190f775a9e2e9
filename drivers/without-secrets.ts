/** What may be a secret, by the name of its key. */
const SECRET = /passw|passphrase|token|secret|credential|key/i;

/** Options as a lease may hold them: leases are files. */
export function withoutSecrets<T>(options: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !SECRET.test(name)));
}
