import type { FastifyRequest } from 'fastify';
import { NAME_PATTERN } from '#libs/contracts/fields';
import { BadRequest } from '#libs/errors/errors';

/**
 * The project that a request is about: the one that its path names, or, where the path cannot, the header `named`. None for
 * what belongs to no project. Throws BadRequest `project.missing`.
 */
export function projectOf({ params, headers }: FastifyRequest, named: string | undefined): string | undefined {
  if (named === undefined) return (params as { project?: string }).project; // fastify's params of a matched route
  const project = headers[named];
  if (typeof project === 'string' && NAME_PATTERN.test(project)) return project;
  throw new BadRequest('project.missing', `Name the project in the header "${named}".`);
}
