const REFERENCE = /\$\{env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Fills `${env.NAME}` and `${env.NAME:-default}` in the text of documents, before it is parsed. A name that is not set
 * and has no default is left as it stands, so that the parse names the place.
 */
export function substituteEnv(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text.replace(REFERENCE, (whole, name: string, fallback: string | undefined) => env[name] ?? fallback ?? whole);
}
