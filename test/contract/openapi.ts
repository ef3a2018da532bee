import Ajv2020, { ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { Answer, Api } from '../support/api';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Operation {
  readonly id: string;
  readonly verb: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Content types of the body, with their schemas; undefined for an operation that takes none. */
  readonly body?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly isOpen: boolean;
  readonly responses: Readonly<Record<string, Response>>;
  /** The actions that its entry in the audit log may have. */
  readonly 'x-audit-actions'?: readonly string[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

interface RawOperation extends Omit<Operation, 'id' | 'verb' | 'path' | 'body' | 'isOpen'> {
  readonly operationId: string;
  readonly security?: unknown;
  readonly requestBody?: { readonly content: Operation['body'] };
}

/** What only some answers of a status carry. */
const SOMETIMES = new Set(['accept-encoding', 'retry-after', 'ratelimit', 'ratelimit-policy']);
const CHANGING = new Set(['post', 'put', 'patch', 'delete']);

/** The API's own description, and the check that an answer is one that it describes. */
export class OpenApi {
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  private readonly validators = new Map<string, ValidateFunction>();

  private constructor(private readonly document: Document) {
    this.ajv.addSchema({ $id: 'api', components: document.components });
  }

  static async read(api: Api): Promise<OpenApi> {
    return new OpenApi(await api.ok<Document>('/openapi.json', { key: null }));
  }

  get operations(): Operation[] {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([verb, raw]) => ({
        ...raw,
        id: raw.operationId,
        verb: verb.toUpperCase(),
        path,
        body: raw.requestBody?.content,
        isOpen: raw.security === undefined,
      })),
    );
  }

  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : this.resolve(this.document.components.schemas[name] ?? {});
  }

  /** In what an answer differs from its description; empty when it does not. */
  differences(operation: Operation, answer: Answer<unknown>, sent = ''): string[] {
    const { status, headers, body } = answer;
    const at = `${operation.verb} ${operation.path} ${sent} -> ${status}`;
    const shown = JSON.stringify(body)?.slice(0, 400);
    const described = this.responseOf(operation, status);
    if (!described) return [`${at}: undocumented: ${shown}`];
    const missing = Object.keys(described.headers ?? {}).filter((name) => !SOMETIMES.has(name) && !headers.has(name));
    const problems = missing.map((name) => `${at}: lacks the header ${name}`);
    if (status === 429 && !headers.has('retry-after')) problems.push(`${at}: lacks retry-after`);
    if (!described.content) return body === '' ? problems : [...problems, `${at}: has a body: ${shown}`];
    const type = headers.get('content-type')?.split(';')[0] ?? 'no content type';
    const content = described.content[type];
    if (!content) return [...problems, `${at}: is ${type}`];
    if (!type.endsWith('json')) return problems;
    const validate = this.validator(content.schema);
    if (!validate(body)) problems.push(`${at}: ${this.ajv.errorsText(validate.errors)}: ${shown}`);
    return problems;
  }

  private responseOf({ responses }: Operation, status: number): Response | undefined {
    const response = responses[String(status)];
    const name = response?.$ref?.split('/').at(-1);
    return name === undefined ? response : this.document.components.responses[name];
  }

  private validator(schema: Schema): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
    const known = this.validators.get(text);
    if (known) return known;
    const validate = this.ajv.compile(JSON.parse(text) as object);
    this.validators.set(text, validate);
    return validate;
  }
}

export const changes = ({ verb }: Operation): boolean => CHANGING.has(verb.toLowerCase());

/** The path with its places filled. */
export const filled = (path: string, values: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? name));
