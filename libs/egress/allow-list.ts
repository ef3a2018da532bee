import * as ipaddr from 'ipaddr.js';
import { BadRequest } from '#libs/errors/errors';

interface Allowed {
  readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number];
  /** Any port when left out. */
  readonly port?: number;
}

/** What the operator lets connectors reach beside the public internet: address ranges, or addresses with a port. */
export class AllowList {
  private constructor(private readonly allowed: readonly Allowed[]) {}

  /** Entries like `10.0.0.0/8`, `192.168.1.5`, `127.0.0.1:8099`, `[::1]:8099`. Throws BadRequest that names a wrong one. */
  static parse(entries: readonly string[]): AllowList {
    return new AllowList(entries.map(parseEntry));
  }

  allows(address: string, port: number): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.parse(address);
    return this.allowed.some(
      ({ range: [base, bits], port: only }) =>
        (only === undefined || only === port) && parsed.kind() === base.kind() && parsed.match(base, bits),
    );
  }
}

function parseEntry(entry: string): Allowed {
  const [, v6, v6Port] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(entry) ?? [];
  const [, v4, v4Port] = /^([\d.]+(?:\/\d+)?)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const text = v6 ?? v4 ?? entry;
  const port = v6Port ?? v4Port;
  try {
    const range = text.includes('/') ? ipaddr.parseCIDR(text) : wholeAddress(text);
    return { range, ...(port === undefined ? {} : { port: Number(port) }) };
  } catch {
    throw new BadRequest(
      'egress.allow_list',
      `CHARTLY_EGRESS_ALLOW: "${entry}" is neither a range like 10.0.0.0/8 nor an address with a port like 127.0.0.1:8099.`,
    );
  }
}

function wholeAddress(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
