/** A piece of a template: plain text, or the name of a value to be filled in. */
export type TemplatePart = { readonly text: string } | { readonly name: string };

/** What others fill in: apply (`connection`, `env`), and the service at the moment of use (`secret`). */
const LEFT_STANDING = /^(?:connection|env|secret)\./;
const MARK = /\$\$\{|\$\{([^}]*)\}/g;

/** The pieces of a template: `${name}` stands for a value, `$${` for a plain `${`; secrets are left standing. */
export function templateParts(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = '';
  let from = 0;
  for (const mark of template.matchAll(MARK)) {
    const [whole, name] = mark;
    text += template.slice(from, mark.index);
    from = mark.index + whole.length;
    if (name === undefined) {
      text += '${';
    } else if (LEFT_STANDING.test(name)) {
      text += whole;
    } else {
      if (text !== '') parts.push({ text });
      parts.push({ name });
      text = '';
    }
  }
  text += template.slice(from);
  if (text !== '') parts.push({ text });
  return parts;
}

/** The names of the values that a template wants. */
export const templateNames = (template: string): string[] =>
  templateParts(template).flatMap((part) => ('name' in part ? [part.name] : []));
