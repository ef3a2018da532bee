import { getMetadataStorage, type MetadataStorage } from 'class-validator';

type Search = MetadataStorage['getTargetValidationMetadatas'];

let remembers = false;

/**
 * Lets class-validator remember the rules of a class: at each validation it goes through every class that there is, to
 * find those that this one inherits from. What a class declares is complete before there is anything of it to validate.
 */
export function rememberRules(): void {
  if (remembers) return;
  remembers = true;
  const storage = getMetadataStorage();
  const search: Search = storage.getTargetValidationMetadatas.bind(storage);
  storage.getTargetValidationMetadatas = remembering(search);
}

/**
 * Only searches without groups, which is how ours are, and for classes. The search for a nested object names the class
 * that it is nested in as its schema, under whose name none is ever registered here.
 */
export function remembering(search: Search): Search {
  const known = new Map<string, WeakMap<object, ReturnType<Search>>>();
  return (target, schema, always, strictGroups, groups) => {
    if (typeof target !== 'function' || (groups && groups.length > 0)) {
      return search(target, schema, always, strictGroups, groups);
    }
    const how = `${always} ${strictGroups} ${schema}`;
    let classes = known.get(how);
    if (!classes) known.set(how, (classes = new WeakMap()));
    let rules = classes.get(target);
    if (!rules) classes.set(target, (rules = search(target, schema, always, strictGroups, groups)));
    return rules;
  };
}
