import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { AuthContract } from '#libs/contracts/auth.contract';
import { PutSecret, RotatedSecrets, SecretList, SecretView } from '#libs/contracts/auth-secrets';
import { IsName } from '#libs/contracts/fields';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class SecretParams extends ProjectParams {
  @IsName() secret: string;
}

/** A secret as it is sent; project and name stand in the path. */
export class SecretBody extends OmitType(PutSecret, ['project', 'name'] as const) {}

/** Secrets go in here and never come out again. */
@Controller('v1')
export class SecretsController {
  constructor(private readonly auth: AuthContract) {}

  @Get('projects/:project/secrets')
  @Allow('secrets:read')
  @Describe({ summary: 'Lists secrets: all but their values, which no route gives.', gives: SecretList })
  list(@Param() { project }: ProjectParams): Promise<SecretList> {
    return this.auth.secrets({ project });
  }

  @Put('projects/:project/secrets/:secret')
  @Allow('secrets:write')
  @Audited('secrets.put')
  @Describe({
    summary: 'Sets a secret, or gives it another value; in use within a minute.',
    takes: SecretBody,
    gives: SecretView,
  })
  put(@Param() { project, secret }: SecretParams, @Body() body: SecretBody): Promise<SecretView> {
    return this.auth.putSecret({ project, name: secret, ...body });
  }

  @Delete('projects/:project/secrets/:secret')
  @HttpCode(204)
  @Allow('secrets:write')
  @Audited('secrets.delete')
  @Describe({ summary: 'Deletes a secret; out of use within a minute.', status: 204 })
  async remove(@Param() { project, secret }: SecretParams): Promise<void> {
    await this.auth.deleteSecret({ project, name: secret });
  }

  @Post('secrets/rotate')
  @HttpCode(200)
  @Allow('secrets:write')
  @Audited('secrets.rotate')
  @Describe({
    summary: 'Wraps the data key of every secret by the current master key; secrets stay readable meanwhile.',
    gives: RotatedSecrets,
    idempotencyKey: true,
  })
  rotate(): Promise<RotatedSecrets> {
    return this.auth.rotateSecrets({});
  }
}
