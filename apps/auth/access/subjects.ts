import { Injectable } from '@nestjs/common';
import { EntityManager } from 'typeorm';
import { Subject } from '#libs/contracts/auth-roles';
import { Unprocessable } from '#libs/errors/errors';
import { ServiceAccount } from '../accounts/service-account.entity';
import { Group } from '../users/group.entity';
import { User } from '../users/user.entity';
import { BoundSubject } from './role-binding.entity';

/** Finds whom a binding's subjects mean. */
@Injectable()
export class Subjects {
  /** Throws Unprocessable `binding.subject` for one that there is not. */
  async bound(tx: EntityManager, subjects: readonly Subject[]): Promise<BoundSubject[]> {
    const found: BoundSubject[] = [];
    for (const { kind, name } of subjects) {
      const id = await this.idOf(tx, { kind, name });
      if (id === undefined) {
        throw new Unprocessable('binding.subject', `There is no ${SAID[kind]} "${name}" to bind the role to.`);
      }
      if (!found.some((one) => one.id === id)) found.push({ kind, id, name });
    }
    return found;
  }

  private async idOf(tx: EntityManager, { kind, name }: Subject): Promise<string | undefined> {
    switch (kind) {
      case 'user':
        return (await tx.findOneBy(User, { name: name.toLowerCase() }))?.id;
      case 'group':
        return (await tx.findOneBy(Group, { name }))?.id;
      case 'account': {
        const [project = '', account = ''] = name.split('/');
        return (await tx.findOneBy(ServiceAccount, { project, name: account }))?.id;
      }
    }
  }
}

const SAID = { user: 'user', group: 'group', account: 'service account' } as const;
