import type { SourceCommon } from './common';
import type { WebPlace } from './feed';

/** Scrapes an endpoint in the text format of Prometheus: each pull is one scrape. */
export interface PrometheusPull extends SourceCommon {
  readonly prometheus: WebPlace;
}
