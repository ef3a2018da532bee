/**
 * Reads Kubernetes objects as JSON from standard input and prints, as JSON, each field that Kubernetes does not know or
 * whose value is of another type. A process of its own, since the client's models are ES modules.
 */
import { text } from 'node:stream/consumers';
import * as models from '@kubernetes/client-node/dist/gen/models/all.js';

const PRIMITIVES = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  any: () => true,
  object: (value) => typeof value === 'object',
  IntOrString: (value) => typeof value === 'string' || Number.isInteger(value),
  Date: (value) => typeof value === 'string',
};

function problems(type, value, path) {
  const [, element] = /^Array<(.*)>$/.exec(type) ?? [];
  if (element !== undefined) {
    if (!Array.isArray(value)) return [`${path}: is no list`];
    return value.flatMap((item, at) => problems(element, item, `${path}[${at}]`));
  }
  const [, entry] = /^\{ \[key: string\]: (.*); \}$/.exec(type) ?? [];
  if (entry !== undefined) {
    if (!isMap(value)) return [`${path}: is no map`];
    return Object.entries(value).flatMap(([key, item]) => problems(entry, item, `${path}.${key}`));
  }
  const primitive = PRIMITIVES[type];
  if (primitive) return primitive(value) ? [] : [`${path}: ${JSON.stringify(value)} is no ${type}`];
  const model = models[type];
  if (!model) return [`${path}: the type ${type} is not known here`];
  if (!isMap(value)) return [`${path}: is no ${type}`];
  const fields = new Map(model.getAttributeTypeMap().map(({ baseName, type: of }) => [baseName, of]));
  return Object.entries(value).flatMap(([key, item]) =>
    fields.has(key) ? problems(fields.get(key), item, `${path}.${key}`) : [`${path}.${key}: is unknown`],
  );
}

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function modelOf({ apiVersion, kind }) {
  const version = apiVersion.split('/').at(-1);
  return `${version[0].toUpperCase()}${version.slice(1)}${kind}`;
}

const objects = JSON.parse(await text(process.stdin));
const all = objects.flatMap((object) => problems(modelOf(object), object, `${object.kind} ${object.metadata.name}`));
process.stdout.write(JSON.stringify(all));
