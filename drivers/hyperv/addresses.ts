/** Which of a guest's addresses leads to its SSH server. */

/** The first IPv4 address that is not one which a guest gives itself for want of a DHCP server, else such an IPv6 one. */
export function chooseAddress(addresses: readonly unknown[]): string | undefined {
  const texts = addresses.filter((address): address is string => typeof address === 'string');
  return (
    texts.find((text) => /^\d+(?:\.\d+){3}$/.test(text) && !/^(?:169\.254|0)\./.test(text)) ??
    texts.find((text) => text.includes(':') && !/^(?:fe[89ab][0-9a-f]:|::1?$)/i.test(text))
  );
}
