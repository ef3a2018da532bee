/** A refusal as SCIM writes it (RFC 7644 §3.12). */
export class ScimError extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
    readonly scimType?:
      'invalidFilter' | 'invalidPath' | 'invalidSyntax' | 'invalidValue' | 'uniqueness' | 'mutability' | 'noTarget',
  ) {
    super(message);
    this.name = 'ScimError';
  }
}
