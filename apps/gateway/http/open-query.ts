import { SetMetadata } from '@nestjs/common';

export const OPEN_QUERY = 'chartly:open-query';

/** A route whose query parameters its service knows, and refuses by itself where it does not. */
export const OpenQuery = (): MethodDecorator => SetMetadata(OPEN_QUERY, true);
