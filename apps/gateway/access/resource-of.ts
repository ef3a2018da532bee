import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/clock/clock';
import { OrchestratorContract } from '#libs/contracts/orchestrator.contract';
import { labelsMatter, Resource } from '#libs/contracts/permissions';
import { Permission, Principal } from '#libs/contracts/principal';
import { Document, DocumentKind } from '#libs/documents/pipeline';
import { NotFound } from '#libs/errors/errors';
import { KIND_IN_PATH } from '../routes/params.dto';

/** Parameters of a path that name the one thing that a request is about, so that a role can be bound to names. */
const NAMING = [
  'pipeline',
  'name',
  'dataset',
  'secret',
  'role',
  'binding',
  'account',
  'group',
  'user',
  'provider',
  'query',
  'view',
] as const;
const LABELS_FRESH_MS = 5_000;
const REMEMBERED_MAX = 5_000;

type PathParams = Readonly<Record<string, string | undefined>>;

/** The thing that a request is about, as its path names it. */
export const resourceIn = (params: PathParams): Resource => {
  for (const name of NAMING) if (params[name] !== undefined) return { name: params[name] };
  return {};
};

/** Whether a route's path names the one thing that its requests are about. */
export const namesOne = (path: string): boolean => NAMING.some((name) => path.split('/').includes(`:${name}`));

/** Labels of documents, looked up only for those whose roles are bound to labels. */
@Injectable()
export class ResourceLabels {
  private readonly known = new Map<string, { labels: Resource['labels']; askedAt: number }>();

  constructor(
    private readonly orchestrator: OrchestratorContract,
    private readonly clock: Clock,
  ) {}

  /** The same resource with its labels, when they could change what `principal` may do; those of no document are none. */
  async complete(
    principal: Principal,
    permission: Permission,
    project: string | undefined,
    params: PathParams,
  ): Promise<Resource> {
    const resource = resourceIn(params);
    if (project === undefined || !labelsMatter(principal, permission, project)) return resource;
    const kind = params.pipeline === undefined ? params.kind : 'pipelines';
    if (resource.name === undefined || kind === undefined || !Object.hasOwn(KIND_IN_PATH, kind)) return resource;
    return { ...resource, labels: await this.labelsOf(project, KIND_IN_PATH[kind]!, resource.name) };
  }

  private async labelsOf(project: string, kind: DocumentKind, name: string): Promise<Resource['labels']> {
    const id = `${project}/${kind}/${name}`;
    const now = this.clock.now().getTime();
    const known = this.known.get(id);
    if (known && now - known.askedAt < LABELS_FRESH_MS) return known.labels;
    const labels = await this.ask(project, kind, name);
    if (this.known.size >= REMEMBERED_MAX) this.known.clear();
    this.known.set(id, { labels, askedAt: now });
    return labels;
  }

  private async ask(project: string, kind: DocumentKind, name: string): Promise<Resource['labels']> {
    try {
      const { document } = await this.orchestrator.document({ project, kind, name });
      const { metadata } = document as Partial<Document>; // documents were checked when they were applied
      return metadata?.labels ?? {};
    } catch (thrown) {
      if (thrown instanceof NotFound) return undefined;
      throw thrown;
    }
  }
}
