import { MigrationInterface, QueryRunner } from 'typeorm';
import { claimsTableSql, idempotencyTableSql } from '#libs/idempotency/tables';

export class ConnectorHubIdempotency8 implements MigrationInterface {
  readonly name = 'ConnectorHubIdempotency1770000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(idempotencyTableSql('connector_hub', 'idempotency_replies'));
    await runner.query(claimsTableSql('connector_hub'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE connector_hub.idempotency_claims, connector_hub.idempotency_replies');
  }
}
