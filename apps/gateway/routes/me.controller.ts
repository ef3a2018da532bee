import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Req } from '@nestjs/common';
import { OmitType } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { AddPasskey, PasskeyCeremony, PasskeyList, PasskeyView } from '#libs/contracts/auth-logins';
import { AuthContract } from '#libs/contracts/auth.contract';
import { ChangePassword, Proof, RecoveryCodes, SessionList, TotpCode, TotpEnrolment } from '#libs/contracts/auth-users';
import { IsId } from '#libs/contracts/fields';
import { Unauthenticated } from '#libs/errors/errors';
import { AnyPerson, Audited } from '../access/allow';
import type { GuardedRequest } from '../access/presented-credential';
import { Describe } from '../openapi/route-docs';

class SessionParams {
  @IsId() session: string;
}

class PasskeyParams {
  @Matches(/^[A-Za-z0-9_-]{1,1400}$/, { message: 'passkey must be a credential id in base64url' }) passkey: string;
}

export class PasswordBody extends OmitType(ChangePassword, ['userId'] as const) {}
export class ProofBody extends OmitType(Proof, ['userId'] as const) {}
export class CodeBody extends OmitType(TotpCode, ['userId'] as const) {}
export class PasskeyBody extends OmitType(AddPasskey, ['userId'] as const) {}

/** What people do with their own sessions, password, second factor and passkeys. */
@Controller('v1/me')
export class MeController {
  constructor(private readonly auth: AuthContract) {}

  @Get('sessions')
  @AnyPerson()
  @Describe({ summary: 'Your sessions, the latest used first.', gives: SessionList })
  sessions(@Req() request: GuardedRequest): Promise<SessionList> {
    return this.auth.sessions({ userId: userOf(request) });
  }

  @Delete('sessions/:session')
  @HttpCode(204)
  @AnyPerson()
  @Audited('session.end')
  @Describe({ summary: 'Ends one of your sessions, within 5 s everywhere.', status: 204 })
  async endSession(@Req() request: GuardedRequest, @Param() { session }: SessionParams): Promise<void> {
    await this.auth.endSession({ userId: userOf(request), sessionId: session });
  }

  @Put('password')
  @HttpCode(204)
  @AnyPerson()
  @Audited('users.change_password')
  @Describe({
    summary: 'Changes your password; ends all of your sessions.',
    status: 204,
    takes: PasswordBody,
  })
  async changePassword(@Req() request: GuardedRequest, @Body() body: PasswordBody): Promise<void> {
    await this.auth.changePassword({ userId: userOf(request), ...body });
  }

  @Post('totp')
  @HttpCode(201)
  @AnyPerson()
  @Describe({
    summary:
      'A secret for an authenticator app (RFC 6238), in force once a code of it was seen. Takes a login within ten minutes, or your password.',
    status: 201,
    takes: ProofBody,
    gives: TotpEnrolment,
    problems: [409],
    idempotencyKey: true,
  })
  enrolTotp(@Req() request: GuardedRequest, @Body() body: ProofBody): Promise<TotpEnrolment> {
    return this.auth.enrolTotp({ userId: userOf(request), ...body });
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @AnyPerson()
  @Audited('users.add_second_factor')
  @Describe({
    summary: 'Puts the second factor in force; gives recovery codes, this once.',
    takes: CodeBody,
    gives: RecoveryCodes,
    idempotencyKey: true,
  })
  confirmTotp(@Req() request: GuardedRequest, @Body() body: CodeBody): Promise<RecoveryCodes> {
    return this.auth.confirmTotp({ userId: userOf(request), ...body });
  }

  @Post('totp/remove')
  @HttpCode(204)
  @AnyPerson()
  @Audited('users.remove_second_factor')
  @Describe({
    summary: 'Takes the second factor off, with a code of it or a recovery code.',
    status: 204,
    takes: CodeBody,
    idempotencyKey: true,
  })
  async removeTotp(@Req() request: GuardedRequest, @Body() body: CodeBody): Promise<void> {
    await this.auth.removeTotp({ userId: userOf(request), ...body });
  }

  @Get('passkeys')
  @AnyPerson()
  @Describe({ summary: 'Your passkeys.', gives: PasskeyList })
  passkeys(@Req() request: GuardedRequest): Promise<PasskeyList> {
    return this.auth.passkeys({ userId: userOf(request) });
  }

  @Post('passkeys/options')
  @HttpCode(200)
  @AnyPerson()
  @Describe({
    summary: 'Begins the adding of a passkey. Takes a login within ten minutes, or your password.',
    takes: ProofBody,
    gives: PasskeyCeremony,
  })
  passkeyOptions(@Req() request: GuardedRequest, @Body() body: ProofBody): Promise<PasskeyCeremony> {
    return this.auth.beginPasskey({ userId: userOf(request), ...body });
  }

  @Post('passkeys')
  @HttpCode(201)
  @AnyPerson()
  @Audited('users.add_passkey')
  @Describe({ summary: 'Adds a passkey.', status: 201, takes: PasskeyBody, gives: PasskeyView, idempotencyKey: true })
  addPasskey(@Req() request: GuardedRequest, @Body() body: PasskeyBody): Promise<PasskeyView> {
    return this.auth.addPasskey({ userId: userOf(request), ...body });
  }

  @Post('passkeys/:passkey/remove')
  @HttpCode(204)
  @AnyPerson()
  @Audited('users.remove_passkey')
  @Describe({
    summary: 'Removes a passkey. Takes a login within ten minutes, or your password.',
    status: 204,
    takes: ProofBody,
    idempotencyKey: true,
  })
  async removePasskey(
    @Req() request: GuardedRequest,
    @Param() { passkey }: PasskeyParams,
    @Body() body: ProofBody,
  ): Promise<void> {
    await this.auth.removePasskey({ userId: userOf(request), passkeyId: passkey, ...body });
  }
}

/** The guard lets persons through alone. */
function userOf({ principal }: GuardedRequest): string {
  if (!principal) throw new Unauthenticated('auth.missing', 'Nobody is authenticated.');
  return principal.id;
}
