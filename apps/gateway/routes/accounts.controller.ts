import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { OmitType, PickType } from '@nestjs/swagger';
import {
  AccountList,
  AccountView,
  ApiKeys,
  AuthContract,
  CreatedKey,
  CreateKey,
  PutAccount,
  RotateKey,
} from '#libs/contracts/auth.contract';
import { IsId, IsName } from '#libs/contracts/fields';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class AccountParams extends ProjectParams {
  @IsName() account: string;
}

class AccountKeyParams extends AccountParams {
  @IsId() key: string;
}

export class AccountBody extends OmitType(PutAccount, ['project', 'name'] as const) {}

/** A key of a service account as it is asked for; whom it acts for stands in the path. */
export class AccountKeyBody extends OmitType(CreateKey, ['role', 'project', 'account'] as const) {}

export class RotateBody extends PickType(RotateKey, ['overlapHours'] as const) {}

/** Service accounts of a project, and the keys that they act by. */
@Controller('v1/projects/:project/service-accounts')
export class AccountsController {
  constructor(private readonly auth: AuthContract) {}

  @Get()
  @Allow('keys:read')
  @Describe({ summary: "Lists a project's service accounts.", gives: AccountList })
  list(@Param() { project }: ProjectParams): Promise<AccountList> {
    return this.auth.accounts({ project });
  }

  @Put(':account')
  @HttpCode(201)
  @Allow('keys:write')
  @Audited('accounts.create')
  @Describe({
    summary: 'Makes a service account, which holds nothing until a role is bound to it.',
    status: 201,
    takes: AccountBody,
    gives: AccountView,
    problems: [409],
  })
  create(@Param() { project, account }: AccountParams, @Body() body: AccountBody): Promise<AccountView> {
    return this.auth.createAccount({ project, name: account, ...body });
  }

  @Delete(':account')
  @HttpCode(204)
  @Allow('keys:write')
  @Audited('accounts.delete')
  @Describe({ summary: 'Deletes a service account; its keys stop within 5 s.', status: 204 })
  async remove(@Param() { project, account }: AccountParams): Promise<void> {
    await this.auth.deleteAccount({ project, name: account });
  }

  @Get(':account/keys')
  @Allow('keys:read')
  @Describe({ summary: 'Lists the keys of a service account, without their secrets.', gives: ApiKeys })
  keys(@Param() { project, account }: AccountParams): Promise<ApiKeys> {
    return this.auth.keys({ account: `${project}/${account}` });
  }

  @Post(':account/keys')
  @HttpCode(201)
  @Allow('keys:write')
  @Audited('keys.create')
  @Describe({
    summary: 'Makes a key for a service account. Its text is shown here once and never again.',
    status: 201,
    takes: AccountKeyBody,
    gives: CreatedKey,
    idempotencyKey: true,
  })
  createKey(@Param() { project, account }: AccountParams, @Body() body: AccountKeyBody): Promise<CreatedKey> {
    return this.auth.createKey({ ...body, account: `${project}/${account}` });
  }

  @Post(':account/keys/:key/rotate')
  @HttpCode(201)
  @Allow('keys:write')
  @Audited('keys.rotate')
  @Describe({
    summary: 'Makes a new key in the place of another, which goes on for the overlap.',
    status: 201,
    takes: RotateBody,
    gives: CreatedKey,
    problems: [409],
    idempotencyKey: true,
  })
  rotateKey(
    @Param() { project, account, key }: AccountKeyParams,
    @Body() { overlapHours }: RotateBody,
  ): Promise<CreatedKey> {
    return this.auth.rotateKey({ id: key, account: `${project}/${account}`, overlapHours });
  }

  @Delete(':account/keys/:key')
  @HttpCode(204)
  @Allow('keys:write')
  @Audited('keys.revoke')
  @Describe({ summary: 'Revokes a key of a service account; it stops working within 5 s.', status: 204 })
  async revokeKey(@Param() { project, account, key }: AccountKeyParams): Promise<void> {
    await this.auth.revokeKey({ id: key, account: `${project}/${account}` });
  }
}
