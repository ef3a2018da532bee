import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Certificate {
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of a test's own, and servers' certificates. */
export interface Certificates {
  /** The authority's certificate, for those who are to trust it. */
  readonly authorityFile: string;
  /** For 127.0.0.1. */
  readonly good: Certificate;
  /** By the same authority, for another host. */
  readonly otherHost: Certificate;
  /** For 127.0.0.1, by nobody but itself. */
  readonly stranger: Certificate;
}

/** Makes them in a folder, with openssl. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  await chmod(folder, 0o755); // servers that root starts read their files as other users
  const authority = await make(folder, 'authority', 'basicConstraints=critical,CA:TRUE');
  return {
    authorityFile: authority.certFile,
    good: await make(folder, 'good', 'subjectAltName=IP:127.0.0.1', authority),
    otherHost: await make(folder, 'other-host', 'subjectAltName=DNS:other.example', authority),
    stranger: await make(folder, 'stranger', 'subjectAltName=IP:127.0.0.1'),
  };
}

async function make(folder: string, name: string, extension: string, by?: Certificate): Promise<Certificate> {
  const [certFile, keyFile, config] = ['crt', 'key', 'cnf'].map((end) => join(folder, `${name}.${end}`)) as [
    string,
    string,
    string,
  ]; // as many as there are endings
  await writeFile(config, `[req]\ndistinguished_name=name\n[name]\n[more]\n${extension}\n`);
  const files = ['-config', config, '-extensions', 'more', '-keyout', keyFile, '-out', certFile];
  const signer = by ? ['-CA', by.certFile, '-CAkey', by.keyFile] : [];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  execFileSync('openssl', [...args, ...files, ...signer], { stdio: 'pipe' });
  await chmod(keyFile, 0o644);
  return { certFile, keyFile };
}
