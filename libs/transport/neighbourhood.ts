import * as ipaddr from 'ipaddr.js';

/** Who counts as one when addresses are counted: an IPv4 address, or the network of IPv6 that one customer gets (/64). */
export function neighbourhoodOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  return address instanceof ipaddr.IPv6
    ? `${address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : address.toString();
}
