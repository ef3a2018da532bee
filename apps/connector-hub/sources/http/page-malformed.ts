import { Unprocessable } from '#libs/errors/errors';

/** A body that is not what its source was said to give. */
export const pageMalformed = (what: string): Unprocessable =>
  new Unprocessable('pull.page_malformed', `The source gave a page that ${what}.`);
