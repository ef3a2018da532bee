/** A destination as logs, metrics and the database name it: without what may be a credential. */
export function destinationName(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
