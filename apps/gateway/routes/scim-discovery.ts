/** What of SCIM there is here, as a client finds it out (RFC 7643 §5 to §7). */

const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
export const SCIM_PAGE_MAX = 200;

type Mutability = 'readOnly' | 'readWrite';

interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'reference';
  readonly description: string;
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: Mutability;
  readonly uniqueness?: 'none' | 'server';
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

const USER: readonly Attribute[] = [
  {
    name: 'userName',
    type: 'string',
    required: true,
    uniqueness: 'server',
    description: 'What the person logs in by: letters, digits and . _ @ + -, kept in small letters.',
  },
  {
    name: 'name',
    type: 'complex',
    description: 'The same as displayName; put together of its parts when they are all that is sent.',
    subAttributes: [{ name: 'formatted', type: 'string', description: 'The full name.' }],
  },
  { name: 'displayName', type: 'string', description: 'What the person is called.' },
  { name: 'active', type: 'boolean', description: 'Whether the person may log in; their sessions end when not.' },
  {
    name: 'emails',
    type: 'complex',
    multiValued: true,
    description: 'The primary address, or the first, is kept.',
    subAttributes: [
      { name: 'value', type: 'string', description: 'The address.' },
      { name: 'primary', type: 'boolean', description: 'Whether it is the primary address.' },
    ],
  },
];

const GROUP: readonly Attribute[] = [
  {
    name: 'displayName',
    type: 'string',
    required: true,
    caseExact: true,
    uniqueness: 'server',
    description: 'What roles are bound to: letters, digits, spaces and . _ @ + : / -.',
  },
  {
    name: 'members',
    type: 'complex',
    multiValued: true,
    description: 'The users who are in it.',
    subAttributes: [
      { name: 'value', type: 'string', caseExact: true, description: 'The id of a user.' },
      { name: 'display', type: 'string', mutability: 'readOnly', description: 'Their userName.' },
      {
        name: '$ref',
        type: 'reference',
        referenceTypes: ['User'],
        caseExact: true,
        mutability: 'readOnly',
        description: 'Where the user is.',
      },
    ],
  },
];

const TYPES = [
  { name: 'User', endpoint: '/Users', description: 'A person who may log in.', attributes: USER },
  { name: 'Group', endpoint: '/Groups', description: 'People to whom roles are bound together.', attributes: GROUP },
] as const;

/** Every characteristic of RFC 7643 §7, also those that have their default. */
const attributeOf = ({ subAttributes, ...attribute }: Attribute): object => ({
  multiValued: false,
  required: false,
  ...(attribute.type === 'string' || attribute.type === 'reference' ? { caseExact: false, uniqueness: 'none' } : {}),
  mutability: 'readWrite',
  returned: 'default',
  ...attribute,
  ...(subAttributes ? { subAttributes: subAttributes.map(attributeOf) } : {}),
});

const metaOf = (base: string, resourceType: string, path: string): object => ({
  meta: { resourceType, location: `${base}${path}` },
});

export const serviceProviderConfig = (base: string): object => ({
  schemas: [`${CORE}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: SCIM_PAGE_MAX },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API key',
      description: 'A key in the header: "Authorization: Bearer ck_..."',
      primary: true,
    },
  ],
  ...metaOf(base, 'ServiceProviderConfig', '/ServiceProviderConfig'),
});

export const resourceTypes = (base: string): (object & { readonly id: string })[] =>
  TYPES.map(({ name, endpoint, description }) => ({
    schemas: [`${CORE}:ResourceType`],
    id: name,
    name,
    endpoint,
    description,
    schema: `${CORE}:${name}`,
    schemaExtensions: [],
    ...metaOf(base, 'ResourceType', `/ResourceTypes/${name}`),
  }));

export const schemas = (base: string): (object & { readonly id: string })[] =>
  TYPES.map(({ name, description, attributes }) => ({
    schemas: [`${CORE}:Schema`],
    id: `${CORE}:${name}`,
    name,
    description,
    attributes: attributes.map(attributeOf),
    ...metaOf(base, 'Schema', `/Schemas/${CORE}:${name}`),
  }));

export const listOf = (resources: readonly object[]): object => ({
  schemas: [`${MESSAGES}:ListResponse`],
  totalResults: resources.length,
  startIndex: 1,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** RFC 7644 §3.12. */
export const scimError = (status: number, detail: string): object => ({
  schemas: [`${MESSAGES}:Error`],
  status: String(status),
  detail,
});
