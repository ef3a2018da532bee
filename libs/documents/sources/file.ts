import type { SourceCommon } from './common';

export const FILE_FORMATS = ['csv', 'ndjson', 'json', 'parquet'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Reads the files of a folder, or the objects under a prefix of a bucket, each once. */
export interface FilePull extends SourceCommon {
  readonly file: FileSource;
}

export interface FileSource {
  /**
   * `file:///srv/drop`, a folder that the operator allows; `s3://bucket/prefix`, or `https://host/bucket/prefix` for any
   * server that speaks S3; may be `${connection.NAME}`.
   */
  readonly url: string;
  /** Which files below it: `*` and `?` within a name, `**` for any folders. */
  readonly files: string;
  readonly format: FileFormat;
  /** Of csv; a comma when left out. */
  readonly delimiter?: string;
  /** How long a file of a folder must have been left alone before it is read; `5s` when left out. */
  readonly settle?: string;
  /** A member of every record that is an object, for where it came from: `{ file, row }`, from 1. None when left out. */
  readonly placeAs?: string;
  /** Of the bucket; `us-east-1` when left out. */
  readonly region?: string;
  /** Of the bucket. */
  readonly auth?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
