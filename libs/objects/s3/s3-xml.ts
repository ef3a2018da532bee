import { XMLParser } from 'fast-xml-parser';

/** Elements that may come once, often or not at all. */
const LISTS = new Set(['Contents', 'Upload']);
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  htmlEntities: true, // numeric ones, in keys
  isArray: (name) => LISTS.has(name),
});

export interface ListedObject {
  readonly Key: string;
  readonly Size: string;
  readonly ETag: string;
  readonly LastModified: string;
}

export interface ListAnswer {
  readonly objects: readonly ListedObject[];
  readonly truncated: boolean;
}

/** Reads a `ListBucketResult` (S3 API, ListObjectsV2). Throws a TypeError for anything else. */
export function readList(xml: string): ListAnswer {
  const list = element(parser.parse(xml), 'ListBucketResult');
  const contents = Reflect.get(list, 'Contents');
  const objects = Array.isArray(contents) ? contents : [];
  return {
    objects: objects.map((one: object) => ({
      Key: text(one, 'Key'),
      Size: text(one, 'Size'),
      ETag: text(one, 'ETag'),
      LastModified: text(one, 'LastModified'),
    })),
    truncated: Reflect.get(list, 'IsTruncated') === 'true',
  };
}

/** The id of a new upload in an `InitiateMultipartUploadResult`. */
export const readUploadId = (xml: string): string =>
  text(element(parser.parse(xml), 'InitiateMultipartUploadResult'), 'UploadId');

/** Code and message of an `Error` answer; undefined when the text is not one. */
export function readError(xml: string): { readonly code: string; readonly message: string } | undefined {
  try {
    const error = element(parser.parse(xml), 'Error');
    return { code: text(error, 'Code'), message: String(Reflect.get(error, 'Message') ?? '') };
  } catch {
    return undefined;
  }
}

/** What completes an upload of parts, given their ETags in order. */
export const completion = (etags: readonly string[]): string =>
  `<CompleteMultipartUpload>${etags
    .map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`)
    .join('')}</CompleteMultipartUpload>`;

function element(parsed: unknown, name: string): object {
  const found: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
  if (found === '') return {};
  if (typeof found !== 'object' || found === null) throw new TypeError(`The answer is no ${name}.`);
  return found;
}

function text(from: object, name: string): string {
  const value: unknown = Reflect.get(from, name);
  if (typeof value !== 'string') throw new TypeError(`The answer has no ${name}.`);
  return value;
}

const escapeXml = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
