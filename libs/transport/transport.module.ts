import { DynamicModule, Global, Inject, Injectable, Module, OnApplicationShutdown, Provider } from '@nestjs/common';
import { ChartlyConfig } from '#libs/config/config';
import { CALLS } from '#libs/contracts/calls';
import { AnyContract, ServiceName, wireOf } from '#libs/contracts/contract';
import { Unavailable } from '#libs/errors/errors';
import { CallMetrics, callSeconds } from './call-metrics';
import { HttpServiceClient } from './http-client';
import { InternalGate } from './internal-gate';
import { InternalController } from './internal.controller';
import { LocalServices } from './local-services';
import { TokenSigner, TokenVerifier } from './service-token';

/** The clients of this process, one a service that another process hosts. */
@Injectable()
class Clients implements OnApplicationShutdown {
  private readonly clients = new Map<ServiceName, HttpServiceClient>();
  private readonly signers: ReadonlyMap<ServiceName, TokenSigner>;

  constructor(@Inject(ChartlyConfig) private readonly config: ChartlyConfig) {
    const { servicePrivateKey: key } = config;
    this.signers = new Map(
      key === undefined ? [] : [...config.roles].map((role) => [role, new TokenSigner(role, key)]),
    );
  }

  client(service: ServiceName): HttpServiceClient {
    const known = this.clients.get(service);
    if (known) return known;
    const url = this.config.urlOf(service);
    const signer = this.signerFor(service);
    if (url === undefined || !signer) {
      throw new Unavailable('service.unconfigured', `This process does not know where the service "${service}" is.`);
    }
    const client = new HttpServiceClient(service, url, signer);
    this.clients.set(service, client);
    return client;
  }

  /** A process of several roles calls as the one that may. */
  private signerFor(service: ServiceName): TokenSigner | undefined {
    const [first] = this.signers.values();
    return [...this.signers].find(([role]) => CALLS[role].includes(service))?.[1] ?? first;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }
}

/** Binds every contract, for every consumer in the process: to the service it hosts, or to the other side of HTTP. */
@Global()
@Module({})
export class TransportModule {
  static forRoot(contracts: readonly AnyContract[], config: ChartlyConfig): DynamicModule {
    const bindings = contracts.map(bind);
    return {
      module: TransportModule,
      controllers: config.hostsAll ? [] : [InternalController],
      providers: [
        LocalServices,
        Clients,
        CallMetrics,
        callSeconds,
        { provide: TokenVerifier, useValue: new TokenVerifier(config.servicePublicKeys ?? {}) },
        ...(config.hostsAll ? [] : [InternalGate]),
        ...bindings,
      ],
      exports: [LocalServices, ...contracts],
    };
  }
}

/** An object with the contract's methods, each going to wherever the service is. */
function bind(contract: AnyContract): Provider {
  const { service, methods } = wireOf(contract);
  return {
    provide: contract,
    inject: [LocalServices, Clients, CallMetrics],
    useFactory: (local: LocalServices, clients: Clients, metrics: CallMetrics) =>
      Object.fromEntries(
        Object.entries(methods).map(([name, wire]) => [
          name,
          (input: object) => {
            const here = local.method(service, name);
            if ('streams' in wire) {
              return here?.kind === 'stream' ? here.stream(input) : clients.client(service).stream(name, wire, input);
            }
            return metrics.meter(service, name, async () =>
              here?.kind === 'call' ? here.call(input) : clients.client(service).call(name, wire, input),
            );
          },
        ]),
      ),
  };
}
