import { tooDeep } from '#libs/framing/depth';
import { DEPTH_MAX } from '#libs/framing/frames';
import { locateAll, Location } from '#libs/framing/locate';
import { startOfText } from '#libs/framing/text';
import { findPlaces } from '../json-path';
import { rawJsonParts } from '../record-parts';
import { pageMalformed } from './page-malformed';
import { PageRecords } from './page-records';

/** The records at `path` of a JSON body, cut out as they came, each object with the members of `add` in front. */
export function readJsonPage(body: Buffer, path: string | undefined, add?: object): PageRecords {
  const text = body.subarray(startOfText(body));
  if (tooDeep(text, 0, text.length)) throw pageMalformed(`nests deeper than ${DEPTH_MAX} levels`);
  const document = parsed(text);
  const records = path === undefined ? wholeOf(document) : findPlaces(path, document);
  const places = locateAll(
    text,
    records.map(({ location }) => location),
  );
  const raw = places.map(({ start, end }) => withMembers(text.subarray(start, end), add));
  return {
    parts: rawJsonParts(raw),
    count: records.length,
    values: () => records.map(({ value }) => value),
    document,
  };
}

const wholeOf = (document: unknown): { readonly value: unknown; readonly location: Location }[] =>
  Array.isArray(document)
    ? document.map((value: unknown, index) => ({ value, location: [index] }))
    : [{ value: document, location: [] }];

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8')) as unknown;
  } catch (thrown) {
    throw pageMalformed(`is not JSON: ${thrown instanceof Error ? thrown.message : 'it does not parse'}`);
  }
}

/** An object with more members in front; one of its own by the same name counts more. */
function withMembers(raw: Buffer, add: object | undefined): Buffer {
  if (!add || raw[0] !== 0x7b) return raw;
  const members = JSON.stringify(add).slice(0, -1);
  const isEmpty = raw.subarray(1, -1).every((byte) => byte <= 0x20);
  return Buffer.concat([Buffer.from(isEmpty ? members : `${members},`), raw.subarray(1)]);
}
