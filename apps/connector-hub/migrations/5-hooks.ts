import { MigrationInterface, QueryRunner } from 'typeorm';

/** How the calls of a version's hook are signed. */
export class ConnectorHubHooks5 implements MigrationInterface {
  readonly name = 'ConnectorHubHooks1770000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connector_hub.sources ADD COLUMN hook jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE connector_hub.sources DROP COLUMN hook');
  }
}
