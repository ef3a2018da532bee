import { Packr } from 'msgpackr';

export const WIRE_CONTENT_TYPE = 'application/vnd.chartly.msgpack';

/** MessagePack with typed arrays, dates and big integers kept as what they are. */
const packr = new Packr({
  structuredClone: true, // typed arrays keep their kind only with it
  moreTypes: true,
  useRecords: false,
  encodeUndefinedAsNil: false,
  largeBigIntToString: false,
});

export const encode = (value: unknown): Buffer => packr.pack(value);

/** Throws a RangeError for bytes that are not one whole value. */
export const decode = (bytes: Uint8Array): unknown => packr.unpack(bytes);
