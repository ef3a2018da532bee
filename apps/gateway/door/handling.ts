import { HttpStatus, RequestMethod } from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  HEADERS_METADATA,
  HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PIPES_METADATA,
  REDIRECT_METADATA,
  RENDER_METADATA,
  RESPONSE_PASSTHROUGH_METADATA,
  ROUTE_ARGS_METADATA,
  SSE_METADATA,
} from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Ctor } from '#libs/contracts/contract';
import { DeclaredRoute } from '../access/route-check';
import { quickCheck } from '../http/quick-check';
import { RequestValidation } from '../http/validation.pipe';

/** How a controller's method is called for a request. */
export interface Handling {
  /** Unless the method says otherwise. */
  readonly status: number;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The method sends the answer itself; what it returns is none. */
  readonly sendsItself: boolean;
  /** Reads the method's arguments from the request and calls it. Throws, or is refused with, what is wrong with either. */
  readonly call: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

type Take = (request: FastifyRequest, reply: FastifyReply) => unknown;

interface Argument {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
}

const UNKNOWN_MAKINGS = [SSE_METADATA, RENDER_METADATA, REDIRECT_METADATA];
/** What Nest would put around the call, and nothing here does: one that is overlooked may be what keeps somebody out. */
const UNKNOWN_AROUND = [GUARDS_METADATA, INTERCEPTORS_METADATA, PIPES_METADATA, EXCEPTION_FILTERS_METADATA];
const validation = new RequestValidation();

/**
 * Reads off a method's decorators how it is called, so that a request costs no more than the call. Throws when they say
 * what is not known here: a route is better refused when the process starts than called otherwise than it declares.
 */
export function handlingOf({ instance, controller, name, handler: called }: DeclaredRoute): Handling {
  const method: unknown = Reflect.get(instance, name);
  if (typeof method !== 'function') throw new Error(`${called} is no method.`);
  if (UNKNOWN_MAKINGS.some((key) => Reflect.hasMetadata(key, method)))
    throw new Error(`${called} makes its answer in a way that the gateway does not know (@Sse, @Render or @Redirect).`);
  if (UNKNOWN_AROUND.some((key) => [controller, method].some((declaring) => Reflect.hasMetadata(key, declaring))))
    throw new Error(
      `${called} has a guard, an interceptor, a pipe or a filter of its own, which the gateway would not ask.`,
    );
  const takes = takesOf(controller as Ctor<object>, name, called);
  const isPost = Reflect.getMetadata(METHOD_METADATA, method) === RequestMethod.POST;
  const takesReply = takes.includes(theReply);
  return {
    status:
      (Reflect.getMetadata(HTTP_CODE_METADATA, method) as number | undefined) ??
      (isPost ? HttpStatus.CREATED : HttpStatus.OK),
    headers: (Reflect.getMetadata(HEADERS_METADATA, method) as Handling['headers'] | undefined) ?? [],
    sendsItself: takesReply && Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, controller, name) !== true,
    call: callOf(method.bind(instance) as (...args: unknown[]) => unknown, takes),
  };
}

const theRequest: Take = (request) => request;
const theReply: Take = (_request, reply) => reply;
const nothing: Take = () => undefined;

/** What a method takes, by the place of its argument. */
function takesOf(controller: Ctor<object>, name: string, called: string): Take[] {
  const declared = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) as
    Readonly<Record<string, Argument>> | undefined;
  const types = (Reflect.getMetadata('design:paramtypes', controller.prototype, name) ?? []) as unknown[];
  const takes: Take[] = types.map(() => nothing);
  for (const [key, argument] of Object.entries(declared ?? {})) {
    const take = takeOf(Number(key.split(':')[0]), argument, types[argument.index]); // Nest's own keys begin with one
    if (!take)
      throw new Error(`Argument ${argument.index + 1} of ${called} is of a kind that the gateway does not know.`);
    takes[argument.index] = take;
  }
  return takes;
}

function takeOf(kind: RouteParamtypes, { data, pipes }: Argument, type: unknown): Take | undefined {
  if (pipes && pipes.length > 0) return undefined;
  if (kind === RouteParamtypes.HEADERS) {
    if (typeof data !== 'string') return ({ headers }) => headers;
    const header = data.toLowerCase();
    return ({ headers }) => headers[header];
  }
  if (data !== undefined) return undefined;
  switch (kind) {
    case RouteParamtypes.REQUEST:
      return theRequest;
    case RouteParamtypes.RESPONSE:
      return theReply;
    case RouteParamtypes.PARAM:
      return checked('param', type, ({ params }) => params);
    case RouteParamtypes.QUERY:
      return checked('query', type, ({ query }) => query);
    case RouteParamtypes.BODY:
      return checkedBody(type);
    default:
      return undefined;
  }
}

function checked(place: 'param' | 'query', type: unknown, read: (request: FastifyRequest) => unknown): Take {
  const metadata = { type: place, metatype: type as Ctor<object>, data: undefined }; // a DTO, as routes declare them
  const quick = typeof type === 'function' ? quickCheck(type as Ctor<object>) : () => undefined;
  return (request) => {
    const values = read(request);
    return quick(values) ?? validation.transform(values, metadata);
  };
}

function checkedBody(type: unknown): Take {
  const metadata = { type: 'body', metatype: type as Ctor<object>, data: undefined } as const; // a DTO, or what has no rules
  return ({ body }) => validation.transform(body, metadata);
}

function callOf(method: (...args: unknown[]) => unknown, takes: readonly Take[]): Handling['call'] {
  return (request, reply) => {
    const args: unknown[] = [];
    for (let at = 0; at < takes.length; at += 1) {
      const value = takes[at]!(request, reply); // there is one
      if (value instanceof Promise) return awaited(method, takes, args, value, request, reply);
      args.push(value);
    }
    return method(...args);
  };
}

/**
 * One argument after the other, so that the first that is wrong is the one that is told. Promises alone are waited for: a
 * reply is a thenable too, which is settled once it was sent.
 */
async function awaited(
  method: (...args: unknown[]) => unknown,
  takes: readonly Take[],
  args: unknown[],
  first: Promise<unknown>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  args.push(await first);
  while (args.length < takes.length) {
    const value = takes[args.length]!(request, reply); // there is one
    args.push(value instanceof Promise ? await value : value);
  }
  return method(...args);
}
