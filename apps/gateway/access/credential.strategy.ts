import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { Principal } from '#libs/contracts/principal';
import { Callers } from './callers';
import { GuardedRequest } from './presented-credential';

/** Who sends a request, as it was found before its body was read. */
@Injectable()
export class CredentialStrategy extends PassportStrategy(Strategy, 'credential') {
  constructor(private readonly callers: Callers) {
    super();
  }

  async validate(request: GuardedRequest): Promise<Principal> {
    return request.principal ?? this.callers.of(request, request.staleAllowed === true);
  }
}
