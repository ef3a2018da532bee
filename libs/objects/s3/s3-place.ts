import { assertPrefix } from '../object-key';

/** A bucket, the prefix in it that is ours, and how its server is reached. */
export interface S3Place {
  /** Address of the bucket, without a slash at the end. */
  readonly bucketUrl: string;
  /** Stands before every key; empty or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
}

/**
 * `s3://bucket/prefix` is a bucket of AWS in `region`; `https://host/bucket/prefix` one of any server that speaks S3.
 * Throws a TypeError that says what is wrong.
 */
export function s3PlaceOf(address: string, region: string): S3Place {
  const url = new URL(address);
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('an object store address holds no credentials, query or fragment');
  }
  const segments = decodeURIComponent(url.pathname).split('/').filter(Boolean);
  if (url.protocol === 's3:') {
    return { bucketUrl: `https://${url.host}.s3.${region}.amazonaws.com`, prefix: prefixOf(segments), region };
  }
  const [bucket, ...rest] = segments;
  if (bucket === undefined) throw new TypeError('an object store address names a bucket: https://host/bucket/prefix');
  return { bucketUrl: `${url.origin}/${encodeURIComponent(bucket)}`, prefix: prefixOf(rest), region };
}

function prefixOf(segments: readonly string[]): string {
  const prefix = segments.map((segment) => `${segment}/`).join('');
  assertPrefix(prefix);
  return prefix;
}

/** A key as it stands in an address: all but the slashes and what RFC 3986 §2.3 leaves alone is escaped. */
export const escapeKey = (key: string): string => key.split('/').map(escape).join('/');

const escape = (segment: string): string =>
  encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
