import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { IsBoolean, IsInt, IsOptional, IsString } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LogoutUrl, PasskeyAnswer, PasskeyCeremony } from '#libs/contracts/auth-logins';
import { AuthContract } from '#libs/contracts/auth.contract';
import { KeySet, LoggedIn, Login } from '#libs/contracts/auth-users';
import { IsId, IsName, IsShortText } from '#libs/contracts/fields';
import { Unauthenticated } from '#libs/errors/errors';
import { Audited, Public } from '../access/allow';
import {
  clearSessionCookies,
  loginCookie,
  refreshCookie,
  requireCsrf,
  setLoginCookie,
  setSessionCookies,
} from '../access/session-cookies';
import { Describe } from '../openapi/route-docs';

export class LoginBody extends Login {
  /** Puts the session into cookies, for a page of ours; the answer then holds no tokens but the one against CSRF. */
  @IsOptional() @IsBoolean() cookies?: boolean;
}

export class PasskeyLoginBody extends PasskeyAnswer {
  @IsOptional() @IsBoolean() cookies?: boolean;
}

export class RefreshBody {
  /** Left out when it is in the cookie. */
  @IsOptional() @IsShortText(200) refreshToken?: string;
}

export class SessionAnswer {
  @IsString() user: string;
  @IsId() sessionId: string;
  /** Of the access token. Unit: seconds. */
  @IsInt() expiresIn: number;
  @IsOptional() @IsString() accessToken?: string;
  @IsOptional() @IsString() refreshToken?: string;
  /** For the header `x-csrf-token` of changing requests by cookie. */
  @IsOptional() @IsString() csrfToken?: string;
}

class ProviderParams {
  @IsName() provider: string;
}

/** What an identity provider may send a browser back with (RFC 6749 §4.1.2, RFC 9207); it is judged as the URL that it is. */
class CallbackQuery {
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() state?: string;
  @IsOptional() @IsString() iss?: string;
  @IsOptional() @IsString() session_state?: string;
  @IsOptional() @IsString() scope?: string;
  @IsOptional() @IsString() error?: string;
  @IsOptional() @IsString() error_description?: string;
  @IsOptional() @IsString() error_uri?: string;
}

/** Ways in, and out. */
@Controller()
export class LoginController {
  constructor(private readonly auth: AuthContract) {}

  @Post('v1/login')
  @HttpCode(200)
  @Public()
  @Audited('session.begin')
  @Describe({
    summary:
      'Logs a person in by password, and by a code for who has a second factor (`login.second_factor` asks for it).',
    takes: LoginBody,
    gives: SessionAnswer,
    problems: [401],
    open: true,
  })
  async login(
    @Body() { cookies, ...login }: LoginBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    return answered(await this.auth.login(login), cookies === true, reply);
  }

  @Post('v1/login/passkey/options')
  @HttpCode(200)
  @Public()
  @Describe({ summary: 'Begins a login by passkey.', gives: PasskeyCeremony, open: true })
  passkeyOptions(): Promise<PasskeyCeremony> {
    return this.auth.beginPasskeyLogin({});
  }

  @Post('v1/login/passkey')
  @HttpCode(200)
  @Public()
  @Audited('session.begin')
  @Describe({
    summary: 'Logs a person in by passkey.',
    takes: PasskeyLoginBody,
    gives: SessionAnswer,
    problems: [401],
    open: true,
  })
  async passkey(
    @Body() { cookies, ...answer }: PasskeyLoginBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    return answered(await this.auth.loginByPasskey(answer), cookies === true, reply);
  }

  @Post('v1/session/refresh')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'A new access token for a refresh token, which is used up and followed by another.',
    takes: RefreshBody,
    gives: SessionAnswer,
    problems: [401, 403],
    open: true,
  })
  async refresh(
    @Body() { refreshToken }: RefreshBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    const token = refreshToken ?? cookieToken(request);
    return answered(await this.auth.refresh({ refreshToken: token }), refreshToken === undefined, reply);
  }

  @Post('v1/logout')
  @HttpCode(204)
  @Public()
  @Audited('session.end')
  @Describe({
    summary: 'Ends the session of a refresh token.',
    status: 204,
    takes: RefreshBody,
    problems: [401, 403],
    open: true,
  })
  async logout(
    @Body() { refreshToken }: RefreshBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.auth.logout({ refreshToken: refreshToken ?? cookieToken(request) });
    clearSessionCookies(reply);
  }

  @Get('v1/login/oidc/:provider')
  @HttpCode(302)
  @Public()
  @Describe({ summary: 'Sends the browser to an identity provider to log in.', status: 302, open: true })
  async toProvider(
    @Param() { provider }: ProviderParams,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { url, browser } = await this.auth.beginOidc({ name: provider });
    setLoginCookie(reply, browser);
    void reply.header('location', url).header('cache-control', 'no-store');
  }

  @Get('v1/login/oidc/:provider/callback')
  @HttpCode(302)
  @Public()
  @Audited('session.begin', 'users.create')
  @Describe({
    summary: 'Where an identity provider sends the browser back to; the session is put into cookies.',
    status: 302,
    problems: [401],
    open: true,
    query: {
      code: 'Of the provider.',
      state: 'Of the login.',
      iss: 'The issuer (RFC 9207).',
      session_state: 'Of the provider.',
      scope: 'What was granted.',
      error: 'Why not.',
      error_description: 'Why not, in words.',
      error_uri: 'Where more is said of it.',
    },
  })
  async fromProvider(
    @Query() _asked: CallbackQuery,
    @Param() { provider }: ProviderParams,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const finished = { name: provider, url: request.url, browser: loginCookie(request) ?? '' };
    setSessionCookies(reply, await this.auth.finishOidc(finished));
    void reply.header('location', '/').header('cache-control', 'no-store');
  }

  @Get('v1/login/oidc/:provider/logout')
  @Public()
  @Describe({
    summary: 'Where to send the browser to log out at an identity provider too; nothing where it has no such place.',
    gives: LogoutUrl,
    open: true,
  })
  providerLogout(@Param() { provider }: ProviderParams): Promise<LogoutUrl> {
    return this.auth.providerLogout({ name: provider });
  }

  @Get('.well-known/jwks.json')
  @Public()
  @Describe({ summary: 'The keys that access tokens are signed by (RFC 7517).', gives: KeySet, open: true })
  keys(): Promise<KeySet> {
    return this.auth.keySet({});
  }
}

function answered(session: LoggedIn, cookies: boolean, reply: FastifyReply): SessionAnswer {
  const { user, sessionId, expiresIn, accessToken, refreshToken } = session;
  void reply.header('cache-control', 'no-store');
  const tokens = cookies ? { csrfToken: setSessionCookies(reply, session) } : { accessToken, refreshToken };
  return { user, sessionId, expiresIn, ...tokens };
}

function cookieToken(request: FastifyRequest): string {
  const token = refreshCookie(request);
  if (token === undefined) throw new Unauthenticated('session.ended', 'There is no session to speak of. Log in.');
  requireCsrf(request);
  return token;
}
