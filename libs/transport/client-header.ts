import { RequestClient } from './call-context';

/** How a request's origin travels from service to service. */
export const CLIENT_HEADER = 'chartly-client';

export const clientHeader = ({ address, agent = '' }: RequestClient): string =>
  [address, agent].map(encodeURIComponent).join(' ');

/** The origin that a header carries; undefined for one that is none of ours. */
export function readClient(header: string | string[] | undefined): RequestClient | undefined {
  if (typeof header !== 'string') return undefined;
  const [address, agent, ...rest] = header.split(' ').map(decodeURIComponent);
  return address && rest.length === 0 ? { address, ...(agent ? { agent } : {}) } : undefined;
}
