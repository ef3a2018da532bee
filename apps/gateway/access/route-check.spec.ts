import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Allow, AnyCaller, AnyPerson, Public } from './allow';
import { isInternalPath, RouteCheck } from './route-check';

@Controller('v1/declared')
class Declared {
  @Get('a')
  @Allow('data:read')
  a(): void {}

  @Get('c')
  @AnyCaller()
  c(): void {}

  @Get('d')
  @AnyPerson()
  d(): void {}

  @Get('b')
  @Public()
  b(): void {}
}

@Controller('v1/forgotten')
class Forgotten {
  @Get()
  open(): void {}
}

@Controller('v1/both')
class Both {
  @Get()
  @Public()
  @Allow('data:read')
  both(): void {}
}

async function boot(...controllers: (typeof Declared | typeof Forgotten | typeof Both)[]): Promise<void> {
  @Module({ imports: [DiscoveryModule], controllers, providers: [RouteCheck] })
  class Sample {}
  const module = await Test.createTestingModule({ imports: [Sample] }).compile();
  await module.init();
  await module.close();
}

describe('rule 20', () => {
  it('boots with routes that declare what they take', async () => {
    await expect(boot(Declared)).resolves.toBeUndefined();
  });

  it('does not boot with a route that declares nothing, or both', async () => {
    await expect(boot(Declared, Forgotten)).rejects.toThrow(/GET \/v1\/forgotten \(Forgotten.open\)/);
    await expect(boot(Both)).rejects.toThrow(/GET \/v1\/both/);
  });

  it('leaves to the listener what is internal, and nothing that only begins like it', () => {
    expect(isInternalPath('/metrics')).toBe(true);
    expect(isInternalPath('/internal/storage/append')).toBe(true);
    expect(isInternalPath('/metrics-of-mine')).toBe(false);
    expect(isInternalPath('/v1/health')).toBe(false);
  });
});
