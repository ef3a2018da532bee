import { Injectable } from '@nestjs/common';
import { kindOf, Source, SourceKind } from '#libs/documents/source';
import { Redaction } from '#libs/secrets/redaction';
import { Opened } from '#libs/secrets/secrets';
import { FeedReader } from './feed/feed-reader';
import { FileReader } from './file/file-reader';
import { HttpReader } from './http/http-reader';
import { MqttReader } from './mqtt/mqtt-reader';
import { NatsReader } from './nats/nats-reader';
import { PostgresReader } from './postgres/postgres-reader';
import { PrometheusReader } from './prometheus/prometheus-reader';
import { RedisReader } from './redis/redis-reader';
import { SourceReader } from './source-reader';

/** The reader of every kind of source. */
@Injectable()
export class SourceReaders {
  private readonly byKind: Readonly<Record<SourceKind, SourceReader>>;

  constructor(
    http: HttpReader,
    feed: FeedReader,
    postgres: PostgresReader,
    prometheus: PrometheusReader,
    redis: RedisReader,
    nats: NatsReader,
    mqtt: MqttReader,
    file: FileReader,
  ) {
    this.byKind = { http, feed, postgres, prometheus, redis, nats, mqtt, file };
  }

  of(source: Source): SourceReader {
    return this.byKind[kindOf(source)];
  }

  /** What hides all that an opened source is asked with: its secrets, and tokens that were got by them. */
  hiding({ value: source, redaction }: Opened<Source>): Redaction {
    for (const token of this.of(source).tokensOf?.(source) ?? []) redaction.hide('token', token);
    return redaction;
  }
}
