import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { GatewayModule } from '#apps/gateway/gateway.module';
import { Ctor } from '#libs/contracts/contract';

/** Every route of the public API as its controller registers it, also those that the document does not describe. */
export function registeredRoutes(): { readonly verb: string; readonly path: string }[] {
  const controllers: readonly Ctor[] = Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, GatewayModule);
  return controllers.flatMap(({ prototype }) =>
    Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler: unknown = Reflect.get(prototype, name);
      if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
      const method: RequestMethod = Reflect.getMetadata(METHOD_METADATA, handler);
      return [{ verb: RequestMethod[method], path: templateOf(pathOf(prototype.constructor), pathOf(handler)) }];
    }),
  );
}

const pathOf = (target: object): string => [Reflect.getMetadata(PATH_METADATA, target)].flat()[0] as string; // as Nest's decorators put it there

/** As the document writes it. */
const templateOf = (...parts: readonly string[]): string =>
  `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')
    .replace(/:(\w+)/g, '{$1}')}`;
