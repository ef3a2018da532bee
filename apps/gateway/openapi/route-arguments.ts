import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { Ctor } from '#libs/contracts/contract';

/** What a handler takes of a request, as its decorators declare it. */
export interface RouteArguments {
  /** The DTO of all query parameters. */
  readonly query?: Ctor;
  /** Query parameters taken one by one. */
  readonly queryNames: readonly string[];
  readonly params?: Ctor;
  readonly headers: readonly string[];
  /** The handler takes the request itself, so that its decorators do not tell all. */
  readonly takesRequest: boolean;
}

interface Argument {
  readonly index: number;
  readonly data?: unknown;
}

export function routeArguments(controller: Ctor, name: string): RouteArguments {
  const declared: Readonly<Record<string, Argument>> = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {};
  const types: readonly unknown[] = Reflect.getMetadata('design:paramtypes', controller.prototype, name) ?? [];
  const all = Object.entries(declared).map(([key, { index, data }]) => ({
    kind: Number(key.split(':')[0]), // Nest's own keys begin with one
    data,
    type: types[index],
  }));
  const named = (kind: RouteParamtypes): string[] =>
    all.flatMap(({ kind: own, data }) => (own === kind && typeof data === 'string' ? [data] : []));
  const dto = (kind: RouteParamtypes): Ctor | undefined => {
    const type = all.find(({ kind: own, data }) => own === kind && data === undefined)?.type;
    return typeof type === 'function' && type !== Object ? (type as Ctor) : undefined; // DTOs take no arguments
  };
  return {
    query: dto(RouteParamtypes.QUERY),
    queryNames: named(RouteParamtypes.QUERY),
    params: dto(RouteParamtypes.PARAM),
    headers: named(RouteParamtypes.HEADERS),
    takesRequest: all.some(({ kind }) => kind === RouteParamtypes.REQUEST),
  };
}
