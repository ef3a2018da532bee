import { Injectable } from '@nestjs/common';
import { AuthContract, Denial } from '#libs/contracts/auth.contract';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { ANONYMOUS } from '#libs/contracts/principal';
import { Forbidden } from '#libs/errors/errors';
import { clientOf } from '../http/request-client';
import { GuardedRequest } from './presented-credential';

const TARGET_MAX = 500;
const REASON_MAX = 500;

/** Tells the audit log of requests that were refused though it is known who sent them. */
@Injectable()
export class Denials {
  constructor(private readonly auth: AuthContract) {}

  /** Of a permission that is lacking, or for another `reason`. */
  async record(
    request: GuardedRequest,
    { project, ...why }: Pick<Denial, 'permission' | 'reason' | 'project'>,
  ): Promise<void> {
    await this.auth.recordDenial({
      principal: request.principal ?? ANONYMOUS,
      ...why,
      ...(project !== undefined && NAME_PATTERN.test(project) ? { project } : {}),
      target: `${request.method} ${request.url.split('?')[0]}`.slice(0, TARGET_MAX),
      requestId: request.id,
      client: clientOf(request),
    });
  }

  /** What a handler refused: a role that is more than its giver holds, a wrong password, another's things. */
  async recordRefusal(request: GuardedRequest, { code, message }: Forbidden): Promise<void> {
    const { project } = request.params as { project?: string }; // fastify's params of a matched route
    await this.record(request, { reason: `${code}: ${message}`.slice(0, REASON_MAX), project });
  }
}
