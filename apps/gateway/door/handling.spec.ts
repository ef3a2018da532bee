import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  Sse,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import fastify, { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ChartlyError } from '#libs/errors/errors';
import { DeclaredRoute } from '../access/route-check';
import { handlingOf } from './handling';

class ThingParams {
  @IsString() @MaxLength(3) thing: string;
}
class ThingQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) limit?: number;
}
class ThingBody {
  @IsString() name: string;
}

@Controller()
class Things {
  private readonly own = 'own';

  @Get()
  all(
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query() query: ThingQuery,
    @Req() request: FastifyRequest,
    @Headers('X-Given') given: string | undefined,
    @Param() { thing }: ThingParams,
  ): object {
    void reply.header('x-seen', 'yes');
    return { own: this.own, thing, query, isQuery: query instanceof ThingQuery, given, method: request.method };
  }

  @Post()
  make(
    @Param() { thing }: ThingParams,
    @Body() { name }: ThingBody,
    @Res({ passthrough: true }) _reply: FastifyReply,
  ): object {
    return { thing, name };
  }

  @Delete()
  @HttpCode(204)
  @Header('x-left', 'nothing')
  async remove(@Res() reply: FastifyReply): Promise<void> {
    await reply.send();
  }

  @Get()
  onePart(@Param('thing') thing: string): string {
    return thing;
  }

  @Sse()
  watched(): void {}

  @Get()
  @UseGuards({ canActivate: () => false })
  guarded(): void {}
}

@Controller()
@UseInterceptors({ intercept: (_context, next) => next.handle() })
class Intercepted {
  @Get()
  all(): void {}
}

const things = new Things();
const declared = (name: string): DeclaredRoute => ({
  method: 'GET',
  path: '/',
  handler: `Things.${name}`,
  isPublic: true,
  isIngest: false,
  audited: [],
  controller: Things,
  instance: things,
  name,
});

describe("a controller's method", () => {
  let app: FastifyInstance;
  beforeEach(() => {
    app = fastify();
    app.setErrorHandler((error, _request, reply) =>
      error instanceof ChartlyError
        ? reply.status(error.status).send({ code: error.code, message: error.message })
        : reply.status(500).send({ message: String(error) }),
    );
    for (const which of ['all', 'make']) {
      const { call } = handlingOf(declared(which));
      app.all(`/${which}/:thing`, (request, reply) => call(request, reply));
    }
  });
  afterEach(() => app.close());

  it('is called with what its decorators name, at the places where they stand', async () => {
    const answer = await app.inject({ url: '/all/a?limit=2', headers: { 'x-given': 'g' } });
    expect(answer.json()).toEqual({
      own: 'own',
      thing: 'a',
      query: { limit: 2 },
      isQuery: true,
      given: 'g',
      method: 'GET',
    });
    expect(answer.headers['x-seen']).toBe('yes');
  });

  it('is called once its body was looked at, though it takes the reply as well', async () => {
    const answer = await app.inject({ method: 'POST', url: '/make/a', payload: { name: 'n' } });
    expect(answer.json()).toEqual({ thing: 'a', name: 'n' });
  });

  it('is not called with what does not fit, and the first that is wrong is told', async () => {
    const told = async (method: 'GET' | 'POST', url: string, payload?: object): Promise<unknown> => {
      const answer = await app.inject({ method, url, payload });
      return [answer.statusCode, answer.json<{ message: string }>().message];
    };
    expect(await told('GET', '/all/a?limit=0')).toEqual([400, 'limit: limit must not be less than 1.']);
    expect(await told('GET', '/all/a?limit=1&limit=2')).toEqual([400, expect.stringMatching(/^limit: /)]);
    expect(await told('GET', '/all/aaaa')).toEqual([400, expect.stringMatching(/^thing: .* 3 characters\.$/)]);
    expect(await told('POST', '/make/aaaa', { name: 1 })).toEqual([400, expect.stringMatching(/^thing: /)]);
    expect(await told('POST', '/make/a', { name: 1 })).toEqual([422, expect.stringMatching(/^name: /)]);
    expect(await told('POST', '/make/a', { name: 'n', more: 1 })).toEqual([422, 'more: unknown field.']);
  });

  it('says of itself what its answer is', () => {
    expect(handlingOf(declared('all'))).toMatchObject({ status: 200, headers: [], sendsItself: false });
    expect(handlingOf(declared('make'))).toMatchObject({ status: 201, sendsItself: false });
    expect(handlingOf(declared('remove'))).toMatchObject({
      status: 204,
      headers: [{ name: 'x-left', value: 'nothing' }],
      sendsItself: true,
    });
  });

  it('is refused before it is served when it asks for what is not known', () => {
    expect(() => handlingOf(declared('onePart'))).toThrow('Argument 1 of Things.onePart is of a kind');
    expect(() => handlingOf(declared('watched'))).toThrow('Things.watched makes its answer in a way');
  });

  it('is refused before it is served when it, or its controller, counts on what nobody would ask', () => {
    expect(() => handlingOf(declared('guarded'))).toThrow('Things.guarded has a guard');
    const intercepted = { ...declared('all'), controller: Intercepted, instance: new Intercepted() };
    expect(() => handlingOf(intercepted)).toThrow('has a guard, an interceptor');
  });
});
