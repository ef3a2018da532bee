import { Problem } from '../document-problems';
import { PostgresPull } from './postgres';

/** What no schema can say of a Postgres source. */
export function postgresProblems({ postgres }: PostgresPull): Problem[] {
  const problems: Problem[] = [];
  const url = URL.canParse(postgres.url) ? new URL(postgres.url) : undefined;
  if (url && (url.username !== '' || url.password !== '' || url.search !== '')) {
    problems.push({
      path: 'spec.source.postgres.url',
      message: 'holds more than host, port and database; user and password stand under auth',
    });
  }
  return problems;
}
