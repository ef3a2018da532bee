import { ScimError } from './scim-error';
import { Filter, parseFilter } from './scim-filter';
import { projected } from './scim-projection';
import { USER_ATTRIBUTES, whereOf } from './scim-where';

/** The filters of RFC 7644 §3.4.2.2, figure 5; of attributes that are kept here. */
const OF_THE_RFC = [
  'userName eq "bjensen"',
  `name.familyName co "O'Malley"`,
  'userName sw "J"',
  'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
  'title pr',
  'meta.lastModified gt "2011-05-13T04:42:34Z"',
  'meta.lastModified ge "2011-05-13T04:42:34Z"',
  'meta.lastModified lt "2011-05-13T04:42:34Z"',
  'meta.lastModified le "2011-05-13T04:42:34Z"',
  'title pr and userType eq "Employee"',
  'title pr or userType eq "Intern"',
  'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
  'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
  'userType eq "Employee" and (emails.type eq "work")',
  'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
];

const compare = (attribute: string, value: string): Filter => ({ kind: 'compare', attribute, op: 'eq', value });

describe('a SCIM filter', () => {
  it.each(OF_THE_RFC.map((filter) => [filter]))('is read as RFC 7644 has it: %s', (filter) => {
    expect(whereOf(parseFilter(filter), USER_ATTRIBUTES).sql).not.toBe('');
  });

  it('binds "not" before "and" before "or", and groups first', () => {
    const [a, b, c] = [compare('a', '1'), compare('b', '2'), compare('c', '3')];
    const text = { a: 'a eq "1"', b: 'b eq "2"', c: 'c eq "3"' };
    expect(parseFilter(`${text.a} or ${text.b} and ${text.c}`)).toEqual({
      kind: 'or',
      left: a,
      right: { kind: 'and', left: b, right: c },
    });
    expect(parseFilter(`(${text.a} or ${text.b}) AND NOT(${text.c})`)).toEqual({
      kind: 'and',
      left: { kind: 'or', left: a, right: b },
      right: { kind: 'not', of: c },
    });
  });

  it('names attributes in any case, and what is in brackets with what stands before', () => {
    expect(parseFilter('Emails[Value Eq "A"]')).toEqual(compare('emails.value', 'A'));
  });

  it('keeps no text of the asker in the statement', () => {
    const { sql, parameters } = whereOf(parseFilter(`userName eq "'; DROP TABLE users --"`), USER_ATTRIBUTES);
    expect([sql.includes('DROP'), parameters]).toEqual([false, { scim0: "'; drop table users --" }]);
  });

  it.each([
    [''],
    ['userName'],
    ['userName eq'],
    ['userName eq bjensen'],
    ['userName is "a"'],
    ['userName eq "a'],
    ['userName eq "a" and'],
    ['(userName eq "a"'],
    ['userName eq "a")'],
    ['not userName eq "a"'],
    ['emails[value[type eq "a"]]'],
    ['__proto__ eq "a"'],
    ['password eq "a"'],
    ['active gt true'],
    ['active eq "true"'],
    ['userName eq 1'],
    ['meta.created co "2011"'],
    ['meta.created gt "yesterday"'],
    [`${'('.repeat(30)}userName pr${')'.repeat(30)}`],
  ])('is refused when it cannot be answered: %s', (filter) => {
    const ask = (): unknown => whereOf(parseFilter(filter), USER_ATTRIBUTES);
    expect(ask).toThrow(ScimError);
    expect(ask).toThrow(expect.objectContaining({ scimType: 'invalidFilter' }));
  });
});

describe('what is asked for of a SCIM resource', () => {
  const user = {
    schemas: ['s'],
    id: '1',
    userName: 'ada',
    displayName: 'Ada',
    emails: [{ value: 'ada@x.example', primary: true }],
    meta: { resourceType: 'User', location: 'l' },
  };

  it('comes with its schemas and id, whatever is asked for', () => {
    expect(projected(user, 'USERNAME, emails.value')).toEqual({
      schemas: ['s'],
      id: '1',
      userName: 'ada',
      emails: [{ value: 'ada@x.example' }],
    });
    expect(projected(user, 'urn:ietf:params:scim:schemas:core:2.0:User:displayName')).toEqual({
      schemas: ['s'],
      id: '1',
      displayName: 'Ada',
    });
  });

  it('leaves out what is not wanted, but not its schemas and id', () => {
    expect(projected(user, undefined, 'id,emails,displayName,meta.location')).toEqual({
      schemas: ['s'],
      id: '1',
      userName: 'ada',
      meta: { resourceType: 'User' },
    });
    expect(projected(user)).toEqual(user);
  });
});
