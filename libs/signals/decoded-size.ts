import { Reader, Type } from 'protobufjs/light';
import { requestTooLarge } from './output-budget';

/** Messages and packed numbers in one protobuf request: two bytes on the wire can become an object of hundreds. */
export const ELEMENTS_MAX = 500_000;
/** Commas and opened brackets of one JSON request: about two for each element. */
const JSON_MARKS_MAX = 2 * ELEMENTS_MAX;
const LENGTH_DELIMITED = 2;
const DOUBLE_BYTES = 8;
const DEPTH_MAX = 100;

const tooMany = (): Error => requestTooLarge(`holds more than ${ELEMENTS_MAX} values`);

/**
 * Counts what a protobuf body would be decoded to, without decoding it. Throws PayloadTooLarge `events.too_large` past
 * {@link ELEMENTS_MAX}, and what the reader throws for bytes that are no protobuf.
 */
export function checkProtobufSize(type: Type, body: Uint8Array): void {
  const reader = Reader.create(body);
  let elements = 0;
  const count = (more: number): void => {
    elements += more;
    if (elements > ELEMENTS_MAX) throw tooMany();
  };
  const walk = (message: Type, end: number, depth: number): void => {
    if (depth > DEPTH_MAX) throw new RangeError(`messages nest deeper than ${DEPTH_MAX} levels`);
    while (reader.pos < end) {
      const tag = reader.uint32();
      const wireType = tag & 7;
      const field = message.fieldsById[tag >>> 3]?.resolve();
      if (field?.resolvedType instanceof Type && wireType === LENGTH_DELIMITED) {
        count(1);
        walk(field.resolvedType, reader.uint32() + reader.pos, depth + 1);
      } else if (field?.repeated && wireType === LENGTH_DELIMITED) {
        const bytes = reader.uint32();
        const isWide = field.type === 'double' || field.type.includes('fixed64');
        count(isWide ? bytes / DOUBLE_BYTES : bytes);
        reader.skip(bytes);
      } else {
        if (field?.repeated) count(1);
        reader.skipType(wireType);
      }
    }
  };
  walk(type, reader.len, 0);
}

/** The same for JSON, whose values are told by their commas and brackets outside of texts. */
export function checkJsonSize(body: Uint8Array): void {
  let marks = 0;
  let isInText = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === 0x22) isInText = !isInText;
    else if (isInText && byte === 0x5c) at += 1;
    else if (!isInText && (byte === 0x2c || byte === 0x7b || byte === 0x5b)) marks += 1;
  }
  if (marks > JSON_MARKS_MAX) throw tooMany();
}
