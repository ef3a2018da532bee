import { LoggerService } from '@nestjs/common';
import { Level, Logger as Pino, pino } from 'pino';
import { inspect } from 'node:util';
import { currentLine } from '#libs/transport/call-context';

const SECRET_NAMES = ['authorization', 'cookie', 'token', 'key', 'password', 'secret', 'privateKey'];
/** Wherever somebody logs an object with such a field, down to the third level. */
const SECRETS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
/** Nest's own handler of exceptions tells an error as its message and its stack. */
const STACK = /\n\s*at /;

interface LogOptions {
  readonly level: string;
  readonly role: string;
  readonly to: NodeJS.WritableStream;
}

/** The log of a process: JSON lines, each with the request that it is about, and without secrets. */
export class Log implements LoggerService {
  readonly lines: Pino;

  constructor({ level, role, to }: LogOptions) {
    this.lines = pino(
      {
        level,
        base: { role, pid: process.pid },
        redact: { paths: SECRETS, censor: '[secret]' },
        mixin: () => ({ ...currentLine() }), // asked for at each line: a request that logs nothing costs nothing
      },
      to,
    );
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  /** As Nest calls a logger: a text or an object first, the name of who logs last. */
  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const fields = rest.length === 0 ? {} : { context: rest.at(-1) };
    const [first] = rest.slice(0, -1);
    if (message instanceof Error) this.told(level, { ...fields, err: message }, first);
    else if (typeof message === 'object' && message !== null) this.told(level, { ...fields, ...message }, first);
    else if (typeof first === 'string' && level === 'error' && STACK.test(first)) {
      const err = Object.assign(new Error(String(message)), { stack: first });
      this.lines[level]({ ...fields, err });
    } else this.told(level, fields, message);
  }

  private told(level: Level, fields: object, message: unknown): void {
    if (message === undefined) this.lines[level](fields);
    else this.lines[level](fields, typeof message === 'string' ? message : inspect(message));
  }
}
