import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { AuthContract } from '#libs/contracts/auth.contract';
import { BindingList, BindingView, PutBinding, PutRole, RoleList, RoleView } from '#libs/contracts/auth-roles';
import { IsName } from '#libs/contracts/fields';
import { Allow, Audited } from '../access/allow';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class RoleParams {
  @IsName() role: string;
}

class BindingParams {
  @IsName() binding: string;
}

class ProjectRoleParams extends ProjectParams {
  @IsName() role: string;
}

class ProjectBindingParams extends ProjectParams {
  @IsName() binding: string;
}

/** A role as it is sent; where it belongs and its name stand in the path. */
export class RoleBody extends OmitType(PutRole, ['scope', 'name'] as const) {}

export class BindingBody extends OmitType(PutBinding, ['scope', 'name'] as const) {}

const SYSTEM = '*';
const PUT_ROLE = 'Makes or changes a role; in force within 5 s. Nobody gives a role what they do not hold themselves.';
const PUT_BINDING = 'Binds a role to users, groups and service accounts; in force within 5 s.';

/** Roles and bindings of the system as a whole, which hold in every project. */
@Controller('v1')
export class RolesController {
  constructor(private readonly auth: AuthContract) {}

  @Get('roles')
  @Allow('roles:read')
  @Describe({ summary: 'Lists the roles of the system as a whole, built-in ones first.', gives: RoleList })
  roles(): Promise<RoleList> {
    return this.auth.roles({ scope: SYSTEM });
  }

  @Put('roles/:role')
  @Allow('roles:write')
  @Audited('roles.put')
  @Describe({ summary: PUT_ROLE, takes: RoleBody, gives: RoleView, problems: [409] })
  putRole(@Param() { role }: RoleParams, @Body() body: RoleBody): Promise<RoleView> {
    return this.auth.putRole({ scope: SYSTEM, name: role, ...body });
  }

  @Delete('roles/:role')
  @HttpCode(204)
  @Allow('roles:write')
  @Audited('roles.delete')
  @Describe({ summary: 'Deletes a role that nothing binds.', status: 204, problems: [409] })
  async deleteRole(@Param() { role }: RoleParams): Promise<void> {
    await this.auth.deleteRole({ scope: SYSTEM, name: role });
  }

  @Get('bindings')
  @Allow('roles:read')
  @Describe({ summary: 'Lists the role bindings of the system as a whole.', gives: BindingList })
  bindings(): Promise<BindingList> {
    return this.auth.bindings({ scope: SYSTEM });
  }

  @Put('bindings/:binding')
  @Allow('roles:write')
  @Audited('bindings.put')
  @Describe({ summary: PUT_BINDING, takes: BindingBody, gives: BindingView })
  putBinding(@Param() { binding }: BindingParams, @Body() body: BindingBody): Promise<BindingView> {
    return this.auth.putBinding({ scope: SYSTEM, name: binding, ...body });
  }

  @Delete('bindings/:binding')
  @HttpCode(204)
  @Allow('roles:write')
  @Audited('bindings.delete')
  @Describe({ summary: 'Deletes a role binding; what it gave is gone within 5 s.', status: 204 })
  async deleteBinding(@Param() { binding }: BindingParams): Promise<void> {
    await this.auth.deleteBinding({ scope: SYSTEM, name: binding });
  }
}

/** Roles and bindings of one project, which hold in it alone. */
@Controller('v1/projects/:project')
export class ProjectRolesController {
  constructor(private readonly auth: AuthContract) {}

  @Get('roles')
  @Allow('roles:read')
  @Describe({ summary: "Lists a project's roles, built-in ones first.", gives: RoleList })
  roles(@Param() { project }: ProjectParams): Promise<RoleList> {
    return this.auth.roles({ scope: project });
  }

  @Put('roles/:role')
  @Allow('roles:write')
  @Audited('roles.put')
  @Describe({ summary: PUT_ROLE, takes: RoleBody, gives: RoleView, problems: [409] })
  putRole(@Param() { project, role }: ProjectRoleParams, @Body() body: RoleBody): Promise<RoleView> {
    return this.auth.putRole({ scope: project, name: role, ...body });
  }

  @Delete('roles/:role')
  @HttpCode(204)
  @Allow('roles:write')
  @Audited('roles.delete')
  @Describe({ summary: 'Deletes a role that nothing binds.', status: 204, problems: [409] })
  async deleteRole(@Param() { project, role }: ProjectRoleParams): Promise<void> {
    await this.auth.deleteRole({ scope: project, name: role });
  }

  @Get('bindings')
  @Allow('roles:read')
  @Describe({ summary: "Lists a project's role bindings.", gives: BindingList })
  bindings(@Param() { project }: ProjectParams): Promise<BindingList> {
    return this.auth.bindings({ scope: project });
  }

  @Put('bindings/:binding')
  @Allow('roles:write')
  @Audited('bindings.put')
  @Describe({ summary: PUT_BINDING, takes: BindingBody, gives: BindingView })
  putBinding(@Param() { project, binding }: ProjectBindingParams, @Body() body: BindingBody): Promise<BindingView> {
    return this.auth.putBinding({ scope: project, name: binding, ...body });
  }

  @Delete('bindings/:binding')
  @HttpCode(204)
  @Allow('roles:write')
  @Audited('bindings.delete')
  @Describe({ summary: 'Deletes a role binding; what it gave is gone within 5 s.', status: 204 })
  async deleteBinding(@Param() { project, binding }: ProjectBindingParams): Promise<void> {
    await this.auth.deleteBinding({ scope: project, name: binding });
  }
}
