import { Injectable, OnModuleInit, RequestMethod, Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Permission } from '#libs/contracts/principal';
import { ALLOW, ANY_CALLER, AnyCallerKind, AUDITED, INGEST, PUBLIC } from './allow';

const INTERNAL_PREFIXES = ['/internal', '/metrics', '/health', '/ready'];

/** True for what only the internal listener serves (health and ready are answered without detail on the public one). */
export function isInternalPath(path: string): boolean {
  return INTERNAL_PREFIXES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

/** A route as its controller declares it. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: string;
  readonly permission?: Permission;
  readonly isPublic: boolean;
  /** Takes no permission, of whoever this is. */
  readonly anyCaller?: AnyCallerKind;
  /** Goes on with the last known decision while auth is away. */
  readonly isIngest: boolean;
  /** The actions by which it stands in the audit log. */
  readonly audited: readonly string[];
  readonly controller: Type;
  readonly instance: object;
  /** The handler's name in its controller. */
  readonly name: string;
}

/** Rule 20: the process does not boot when a public route declares none of `@Allow`, `@AnyCaller` and `@Public`, or more than one. */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const wrong = this.routes().filter(
      ({ isPublic, anyCaller, permission }) =>
        [isPublic, anyCaller !== undefined, permission !== undefined].filter(Boolean).length !== 1,
    );
    if (wrong.length === 0) return;
    const list = wrong.map(({ method, path, handler }) => `${method} ${path} (${handler})`).join(', ');
    throw new Error(
      `Each public route takes exactly one of @Allow, @AnyCaller, @AnyPerson and @Public. Mend: ${list}.`,
    );
  }

  /** Every route of the public API. */
  routes(): DeclaredRoute[] {
    return this.discovery
      .getControllers()
      .flatMap(({ metatype, instance }) => {
        if (!metatype || typeof instance !== 'object' || instance === null) return [];
        const base: string = [Reflect.getMetadata(PATH_METADATA, metatype)].flat()[0] ?? '';
        const prototype: object = Object.getPrototypeOf(instance);
        return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
          const handler: unknown = Reflect.get(prototype, name);
          if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
          const method: RequestMethod = Reflect.getMetadata(METHOD_METADATA, handler);
          const own: string = [Reflect.getMetadata(PATH_METADATA, handler)].flat()[0] ?? '';
          return {
            method: RequestMethod[method],
            path: joined(base, own),
            handler: `${metatype.name}.${name}`,
            permission: Reflect.getMetadata(ALLOW, handler),
            isPublic: Reflect.getMetadata(PUBLIC, handler) === true,
            anyCaller: Reflect.getMetadata(ANY_CALLER, handler),
            isIngest: Reflect.getMetadata(INGEST, handler) === true,
            audited: Reflect.getMetadata(AUDITED, handler) ?? [],
            controller: metatype as Type, // what holds routes is a class
            instance,
            name,
          };
        });
      })
      .filter(({ path }) => !isInternalPath(path));
  }
}

function joined(...parts: readonly string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}
