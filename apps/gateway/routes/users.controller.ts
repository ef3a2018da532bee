import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { ProviderList, ProviderView, PutProvider } from '#libs/contracts/auth-logins';
import { AuthContract } from '#libs/contracts/auth.contract';
import {
  CreateUser,
  GroupList,
  GroupView,
  PutGroup,
  UpdateUser,
  UserList,
  UserView,
  IsGroupName,
  IsUserName,
} from '#libs/contracts/auth-users';
import { IsName } from '#libs/contracts/fields';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';

class UserParams {
  @IsUserName() user: string;
}

class GroupParams {
  @IsGroupName() group: string;
}

class ProviderParams {
  @IsName() provider: string;
}

export class UserBody extends OmitType(UpdateUser, ['name'] as const) {}
export class GroupBody extends OmitType(PutGroup, ['name'] as const) {}
export class ProviderBody extends OmitType(PutProvider, ['name'] as const) {}

/** Who may get in at all: people, their groups, and the identity providers that speak for them. */
@Controller('v1')
export class UsersController {
  constructor(private readonly auth: AuthContract) {}

  @Get('users')
  @Allow('users:read')
  @Describe({ summary: 'Lists users.', gives: UserList })
  users(): Promise<UserList> {
    return this.auth.users({});
  }

  @Post('users')
  @HttpCode(201)
  @Allow('users:write')
  @Audited('users.create')
  @Describe({
    summary: 'Makes a user, who may nothing until a role is bound to them.',
    status: 201,
    takes: CreateUser,
    gives: UserView,
    problems: [409],
    idempotencyKey: true,
  })
  createUser(@Body() body: CreateUser): Promise<UserView> {
    return this.auth.createUser(body);
  }

  @Patch('users/:user')
  @Allow('users:write')
  @Audited('users.update')
  @Describe({
    summary: 'Changes a user: disables, renames, sets a password.',
    takes: UserBody,
    gives: UserView,
    idempotencyKey: true,
  })
  updateUser(@Param() { user }: UserParams, @Body() body: UserBody): Promise<UserView> {
    return this.auth.updateUser({ name: user, ...body });
  }

  @Delete('users/:user')
  @HttpCode(204)
  @Allow('users:write')
  @Audited('users.delete')
  @Describe({ summary: 'Deletes a user; their sessions end within 5 s.', status: 204 })
  async deleteUser(@Param() { user }: UserParams): Promise<void> {
    await this.auth.deleteUser({ name: user });
  }

  @Get('groups')
  @Allow('users:read')
  @Describe({ summary: 'Lists groups with who is in them.', gives: GroupList })
  groups(): Promise<GroupList> {
    return this.auth.groups({});
  }

  @Put('groups/:group')
  @Allow('users:write')
  @Audited('groups.put')
  @Describe({ summary: 'Makes a group, or says anew who is in it.', takes: GroupBody, gives: GroupView })
  putGroup(@Param() { group }: GroupParams, @Body() body: GroupBody): Promise<GroupView> {
    return this.auth.putGroup({ name: group, ...body });
  }

  @Delete('groups/:group')
  @HttpCode(204)
  @Allow('users:write')
  @Audited('groups.delete')
  @Describe({ summary: 'Deletes a group; what was bound to it is gone within 5 s.', status: 204 })
  async deleteGroup(@Param() { group }: GroupParams): Promise<void> {
    await this.auth.deleteGroup({ name: group });
  }

  @Get('identity-providers')
  @Allow('users:read')
  @Describe({ summary: 'Lists the OpenID providers that people may log in by.', gives: ProviderList })
  providers(): Promise<ProviderList> {
    return this.auth.providers({});
  }

  @Put('identity-providers/:provider')
  @Allow('users:write')
  @Audited('providers.put')
  @Describe({
    summary: 'Sets an OpenID provider up. Its client secret is kept sealed and never given.',
    takes: ProviderBody,
    gives: ProviderView,
  })
  putProvider(@Param() { provider }: ProviderParams, @Body() body: ProviderBody): Promise<ProviderView> {
    return this.auth.putProvider({ name: provider, ...body });
  }

  @Delete('identity-providers/:provider')
  @HttpCode(204)
  @Allow('users:write')
  @Audited('providers.delete')
  @Describe({ summary: 'Deletes an OpenID provider; those who came by it cannot log in by it any more.', status: 204 })
  async deleteProvider(@Param() { provider }: ProviderParams): Promise<void> {
    await this.auth.deleteProvider({ name: provider });
  }
}
