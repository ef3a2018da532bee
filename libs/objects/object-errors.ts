import { BadRequest, Conflict, NotFound } from '#libs/errors/errors';

export const objectUnknown = (key: string): NotFound =>
  new NotFound('object.unknown', `There is no object "${key}" in the object store.`);

export const objectExists = (key: string): Conflict =>
  new Conflict('object.exists', `There is an object "${key}" already, and it was not to be replaced.`);

export const rangeBeyond = (key: string): BadRequest =>
  new BadRequest('object.range', `The object "${key}" has no such bytes: the range is empty or begins past its end.`);

export const keyTaken = (key: string): Conflict =>
  new Conflict('object.key_taken', `"${key}" is part of another object's key, or another object's key is part of it.`);
