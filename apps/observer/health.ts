import { Injectable } from '@nestjs/common';
import { ChartlyConfig } from '#libs/config/config';
import { SERVICES, ServiceName } from '#libs/contracts/contract';
import { ServiceHealth } from '#libs/contracts/observer.contract';
import { Readiness } from '#libs/telemetry/readiness';

const TIMEOUT_MS = 2_000;

/** Asks every service whether it can do its job. */
@Injectable()
export class Health {
  constructor(
    private readonly config: ChartlyConfig,
    private readonly readiness: Readiness,
  ) {}

  /** Services hosted here, and those whose address the configuration gives. */
  async of(): Promise<ServiceHealth[]> {
    const known = SERVICES.filter((service) => this.config.roles.has(service) || this.config.urlOf(service));
    return Promise.all(known.map((service) => this.one(service)));
  }

  private async one(service: ServiceName): Promise<ServiceHealth> {
    if (this.config.roles.has(service)) return { service, ...stateOf(await this.readiness.waitingFor()) };
    try {
      const url = new URL('/ready', this.config.urlOf(service));
      const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const { waitingFor } = (await answer.json()) as { waitingFor?: string[] }; // our own /ready
      return { service, ...stateOf(answer.ok ? [] : (waitingFor ?? ['itself'])) };
    } catch {
      return { service, state: 'unreachable', waitingFor: [] };
    }
  }
}

const stateOf = (waitingFor: string[]): Pick<ServiceHealth, 'state' | 'waitingFor'> => ({
  state: waitingFor.length === 0 ? 'ready' : 'waiting',
  waitingFor,
});
