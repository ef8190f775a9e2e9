/** How a secret may look where somebody finds it. */

/** As it is, in URLs, and in base64, wherever in a longer text it begins. */
export function shapesOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex'), ...inBase64(secret)];
}

/** What of it does not depend on its neighbours, for each place in a group of three bytes. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const first = before === 0 ? 0 : 4;
    return bytes.toString('base64').slice(first, Math.floor(bytes.length / 3) * 4);
  });
}
