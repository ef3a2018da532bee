import { Injectable } from '@nestjs/common';
import { DataSource, EntityManager } from 'typeorm';
import { AuditTrail } from '#libs/audit-trail/audit-trail';
import { Clock, Ids } from '#libs/clock/clock';
import { AccountRef, AccountView, PutAccount } from '#libs/contracts/auth.contract';
import { Conflict, NotFound } from '#libs/errors/errors';
import { ServiceAccount } from './service-account.entity';

const INSERT = `
  INSERT INTO auth.service_accounts (id, project, name, description, created_at)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (project, name) DO NOTHING
  RETURNING 1`;

/** The service accounts of all projects. */
@Injectable()
export class Accounts {
  constructor(
    private readonly database: DataSource,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  create(request: PutAccount): Promise<AccountView> {
    return this.database.transaction(async (tx) => {
      const { project, name, description = '' } = request;
      const account = { id: this.ids.uuidv7(), project, name, description, createdAt: this.clock.now() };
      const made = await tx.query<unknown[]>(INSERT, [account.id, project, name, description, account.createdAt]);
      if (made.length === 0) {
        throw new Conflict('account.exists', `There is a service account "${name}" in project "${project}" already.`);
      }
      await this.record(tx, 'accounts.create', request);
      return viewOf(account);
    });
  }

  async list(project: string): Promise<AccountView[]> {
    const all = await this.database.manager.find(ServiceAccount, { where: { project }, order: { name: 'ASC' } });
    return all.map(viewOf);
  }

  /** Its keys go with it; bindings that named it bind nobody any more, whoever is called so later. */
  async delete(request: AccountRef): Promise<void> {
    await this.database.transaction(async (tx) => {
      const { project, name } = request;
      const { affected } = await tx.delete(ServiceAccount, { project, name });
      if (affected === 0) throw unknown(`${project}/${name}`);
      await this.record(tx, 'accounts.delete', request);
    });
  }

  /** By `project/name`. Throws NotFound `account.unknown`. */
  async find(account: string, tx: EntityManager = this.database.manager): Promise<ServiceAccount> {
    const [project = '', name = ''] = account.split('/');
    const found = await tx.findOneBy(ServiceAccount, { project, name });
    if (!found) throw unknown(account);
    return found;
  }

  private record(tx: EntityManager, action: string, { project, name }: AccountRef): Promise<void> {
    return this.audit.record(tx, {
      action,
      target: `ServiceAccount/${project}/${name}`,
      project,
      outcome: 'succeeded',
    });
  }
}

const unknown = (account: string): NotFound =>
  new NotFound('account.unknown', `There is no service account "${account}".`);

const viewOf = ({ project, name, description, createdAt }: ServiceAccount): AccountView => ({
  project,
  name,
  ...(description === '' ? {} : { description }),
  createdAt: createdAt.toISOString(),
});
