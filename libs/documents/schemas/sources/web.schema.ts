import { closed, HEADERS, TEXT } from '../parts';
import { AUTH } from './http.schema';

/** A page of the web: a feed, or an endpoint that Prometheus scrapes. */
export const WEB_PLACE = closed({ url: TEXT, headers: HEADERS, auth: AUTH }, ['url']);
