import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { QueryRequest } from '#libs/contracts/analytics.contract';
import { nearest } from '#libs/documents/nearest';
import { NotFound } from '#libs/errors/errors';
import { Target } from './question/question';
import { Rollup } from './rollup.entity';

/** Finds what a question names. */
@Injectable()
export class Targets {
  constructor(@InjectRepository(Rollup) private readonly definitions: Repository<Rollup>) {}

  /** Throws NotFound `rollup.unknown`. */
  async of({ project, dataset, rollup }: Pick<QueryRequest, 'project' | 'dataset' | 'rollup'>): Promise<Target> {
    if (dataset !== undefined) return { dataset };
    const found = await this.rollup(project, rollup ?? '');
    return { dataset: found.dataset, rollup: found.name };
  }

  /** Throws NotFound `rollup.unknown` with the nearest name. */
  async rollup(project: string, rollup: string): Promise<Pick<Rollup, 'name' | 'dataset'>> {
    const names = await this.definitions.find({ where: { project }, select: { name: true, dataset: true } });
    const found = names.find(({ name }) => name === rollup);
    if (found) return found;
    const meant = nearest(
      rollup,
      names.map(({ name }) => name),
    );
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    throw new NotFound('rollup.unknown', `There is no rollup "${rollup}" in project "${project}".${hint}`);
  }
}
