/** How the payload of a message is read: as a JSON value that stays as it came, as UTF-8 text, or as base64. */
export const MESSAGE_FORMATS = ['json', 'text', 'base64'] as const;
export type MessageFormat = (typeof MESSAGE_FORMATS)[number];

/** Where a group of readers begins that the peer does not know yet. */
export const STARTS = ['earliest', 'latest'] as const;
export type Start = (typeof STARTS)[number];

/** A name for the peer by which a pipeline's place is kept there; its own for every pipeline. */
export const readerName = ({ project, pipeline }: { readonly project: string; readonly pipeline: string }): string =>
  `chartly-${project}-${pipeline}`;
