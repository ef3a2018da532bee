import { WebPlace } from '#libs/documents/sources/feed';
import { HttpRequest } from '../http/request';

/** The request for a page that is always at the same place. */
export const pageRequest = ({ url, headers = {} }: WebPlace, accept: string): HttpRequest => ({
  method: 'GET',
  url,
  headers: { accept },
  own: headers,
});
