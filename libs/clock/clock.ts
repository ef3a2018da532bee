import { Injectable, Module } from '@nestjs/common';
import { randomBytes } from 'node:crypto';

/** Where a service reads the time from; tests bind one that they move by hand. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}

/** Where a service takes new identifiers from; tests bind one that counts. */
@Injectable()
export class Ids {
  /** A UUIDv7 (RFC 9562 §5.7): sorts by creation time to the millisecond, 74 random bits behind it. */
  uuidv7(): string {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes[6] = (bytes[6]! & 0x0f) | 0x70;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}

@Module({ providers: [Clock, Ids], exports: [Clock, Ids] })
export class ClockModule {}
