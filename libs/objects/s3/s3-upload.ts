import { S3Client, unavailable } from './s3-client';
import { completion, readError, readUploadId } from './s3-xml';

/** Parts of one upload that are on their way at once; each is held in memory. */
const PARTS_AT_ONCE = 2;
/** S3 takes no more. */
const PARTS_MAX = 10_000;

/**
 * Puts an object that is longer than one part (S3 multipart upload): nothing of it is seen before all of it is there.
 * Gives its ETag. Whatever fails, the parts are given up.
 */
export async function upload(
  client: S3Client,
  key: string,
  parts: AsyncIterable<Buffer>,
  { conditions, signal }: { conditions: Readonly<Record<string, string>>; signal?: AbortSignal },
): Promise<string> {
  const begun = await client.text({ method: 'POST', key, query: { uploads: '' }, signal });
  const uploadId = readUploadId(begun.text);
  try {
    const etags = await sendParts(client, { key, uploadId, parts, signal });
    const { text, answer } = await client.text({
      method: 'POST',
      key,
      query: { uploadId },
      headers: { 'content-type': 'application/xml', ...conditions },
      body: Buffer.from(completion(etags)),
      signal,
    });
    const error = readError(text); // S3 may answer 200 before it knows
    if (error) throw unavailable(`The object store could not put the parts together (${error.code})`);
    return /<ETag>(.*?)<\/ETag>/.exec(text)?.[1]?.replaceAll('&quot;', '"') ?? String(answer.headers.etag ?? '');
  } catch (thrown) {
    await client.text({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined); // the bucket's own rule for unfinished uploads takes what stays
    throw thrown;
  }
}

async function sendParts(
  client: S3Client,
  {
    key,
    uploadId,
    parts,
    signal,
  }: { key: string; uploadId: string; parts: AsyncIterable<Buffer>; signal?: AbortSignal },
): Promise<string[]> {
  const etags: string[] = [];
  const going = new Set<Promise<void>>();
  try {
    for await (const body of parts) {
      const partNumber = etags.push('');
      if (partNumber > PARTS_MAX) throw unavailable(`An object of more than ${PARTS_MAX} parts cannot be put`);
      const sent = client
        .text({ method: 'PUT', key, query: { partNumber: String(partNumber), uploadId }, body, signal })
        .then(({ answer }) => {
          etags[partNumber - 1] = String(answer.headers.etag);
          going.delete(sent);
        });
      sent.catch(() => undefined); // it stays in `going`, where it is found
      going.add(sent);
      if (going.size >= PARTS_AT_ONCE) await Promise.race(going);
    }
    await Promise.all(going);
    return etags;
  } catch (thrown) {
    await Promise.allSettled(going);
    throw thrown;
  }
}
