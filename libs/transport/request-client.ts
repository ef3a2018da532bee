import type { FastifyRequest } from 'fastify';
import { RequestClient } from './call-context';

const AGENT_MAX = 200;

/** Where a request came from, as far as the proxies in front are believed. */
export function clientOf({ ip, headers }: FastifyRequest): RequestClient {
  const agent = headers['user-agent']?.slice(0, AGENT_MAX);
  return { address: ip, ...(agent ? { agent } : {}) };
}
