import { Group } from '../users/group.entity';
import { User } from '../users/user.entity';
import { ScimError } from './scim-error';

export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const LIST_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';
const TEXT_MAX = 320;

/** What we keep of a user that a directory sends (RFC 7643 §4.1). */
export interface ScimUser {
  name?: string;
  displayName?: string;
  email?: string | null;
  externalId?: string | null;
  state?: User['state'];
}

type Body = Readonly<Record<string, unknown>>;

/** Attribute names are of any case (RFC 7643 §2.1). */
export function attributeOf(body: Body, name: string): unknown {
  const entry = Object.entries(body).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return entry?.[1];
}

/** A user as it is sent whole. Throws ScimError `invalidValue`. */
export function readUser(body: Body): ScimUser & { name: string } {
  const name = textOf(attributeOf(body, 'userName'), 'userName');
  if (name === undefined || !/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,199}$/.test(name)) {
    throw new ScimError(400, '"userName" is 1 to 200 of letters, digits and . _ @ + -.', 'invalidValue');
  }
  return {
    name,
    displayName: displayNameIn(body) ?? name,
    email: emailIn(attributeOf(body, 'emails')) ?? null,
    externalId: textOf(attributeOf(body, 'externalId'), 'externalId') ?? null,
    state: stateOf(attributeOf(body, 'active') ?? true),
  };
}

/** One attribute of a user as a PATCH sends it; what we do not keep changes nothing. */
export function patchedUser(attribute: string, value: unknown): ScimUser {
  switch (attribute) {
    case 'active':
      return { state: stateOf(value) };
    case 'username':
      return { name: readUser({ userName: value }).name };
    case 'displayname':
    case 'name.formatted':
      return { displayName: textOf(value, attribute) ?? '' };
    case 'externalid':
      return { externalId: textOf(value, attribute) ?? null };
    case 'emails':
      return { email: emailIn(value) ?? null };
    case 'emails.value':
      return { email: textOf(value, attribute) ?? null };
    default:
      return {};
  }
}

/** Ids of a group's members (RFC 7643 §4.2). */
export function membersIn(value: unknown): string[] {
  return [value ?? []].flat().map((member: unknown) => {
    const id: unknown =
      typeof member === 'object' && member !== null ? attributeOf(member as Body, 'value') : undefined;
    if (typeof id !== 'string') throw new ScimError(400, 'A member has a "value": the id of a user.', 'invalidValue');
    return id;
  });
}

export const userResource = (user: User, base: string): object => ({
  schemas: [USER_SCHEMA],
  id: user.id,
  ...(user.externalId === null ? {} : { externalId: user.externalId }),
  userName: user.name,
  displayName: user.displayName,
  name: { formatted: user.displayName },
  ...(user.email === null ? {} : { emails: [{ value: user.email, primary: true }] }),
  active: user.state === 'active',
  meta: metaOf('User', user, `${base}/Users/${user.id}`),
});

export const groupResource = (
  group: Group,
  members: readonly { id: string; name: string }[],
  base: string,
): object => ({
  schemas: [GROUP_SCHEMA],
  id: group.id,
  ...(group.externalId === null ? {} : { externalId: group.externalId }),
  displayName: group.name,
  members: members.map(({ id, name }) => ({ value: id, display: name, $ref: `${base}/Users/${id}` })),
  meta: metaOf('Group', group, `${base}/Groups/${group.id}`),
});

export const listResource = (total: number, startIndex: number, resources: readonly object[]): object => ({
  schemas: [LIST_SCHEMA],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

export const errorResource = ({ status, message, scimType }: ScimError): object => ({
  schemas: [ERROR_SCHEMA],
  status: String(status),
  ...(scimType === undefined ? {} : { scimType }),
  detail: message,
});

const metaOf = (resourceType: string, { createdAt, changedAt }: User | Group, location: string): object => ({
  resourceType,
  created: createdAt.toISOString(),
  lastModified: changedAt.toISOString(),
  location,
});

function displayNameIn(body: Body): string | undefined {
  const display = textOf(attributeOf(body, 'displayName'), 'displayName');
  if (display !== undefined) return display;
  const name: unknown = attributeOf(body, 'name');
  if (typeof name !== 'object' || name === null) return undefined;
  const part = (key: string): string | undefined => textOf(attributeOf(name as Body, key), `name.${key}`);
  return part('formatted') ?? ([part('givenName'), part('familyName')].filter(Boolean).join(' ') || undefined);
}

/** The primary address, or the first. */
function emailIn(value: unknown): string | undefined {
  const all = [value ?? []].flat().filter((one): one is Body => typeof one === 'object' && one !== null);
  const chosen = all.find((one) => attributeOf(one, 'primary') === true) ?? all[0];
  return chosen && textOf(attributeOf(chosen, 'value'), 'emails.value');
}

/** Some directories send the word. */
function stateOf(value: unknown): User['state'] {
  const word = typeof value === 'string' ? value.toLowerCase() : value;
  if (word === true || word === 'true') return 'active';
  if (word === false || word === 'false') return 'disabled';
  throw new ScimError(400, '"active" is true or false.', 'invalidValue');
}

export function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && value.length <= TEXT_MAX) return value;
  throw new ScimError(400, `"${name}" is a text of at most ${TEXT_MAX} characters.`, 'invalidValue');
}
