import { Injectable } from '@nestjs/common';
import { kindOf, Source, SourceKind } from '#libs/documents/source';
import { HttpReader } from './http/http-reader';
import { SourceReader } from './source-reader';

/** The reader of every kind of source. */
@Injectable()
export class SourceReaders {
  private readonly byKind: Readonly<Record<SourceKind, SourceReader>>;

  constructor(http: HttpReader) {
    this.byKind = { http };
  }

  of(source: Source): SourceReader {
    return this.byKind[kindOf(source)];
  }
}
