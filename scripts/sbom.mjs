/**
 * The bill of materials of the image, as CycloneDX 1.5. npm makes it of the packages that are in `folder`, and not out of
 * the lock: with `--omit=dev` it would leave out every package that something for development wants as well. What only
 * the lock knows, the digest of each package, is added.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What says its licence in its files and not in its package.json. */
const UNSTATED = { 'pause@0.0.1': 'MIT' };
const ALGORITHMS = { sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

/** Runs npm in a folder whose package.json names what is there. `lock`: the text of the lock that it was installed by. */
export function billOfMaterials({ folder, lock, npm }) {
  const bill = JSON.parse(npm('sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit='));
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  bill.metadata.component.name = name; // npm takes the folder's
  const digests = digestsIn(JSON.parse(lock));
  for (const component of bill.components) {
    const hash = digests.get(component['bom-ref']);
    if (hash) component.hashes = [hash];
    const licence = UNSTATED[component['bom-ref']];
    if (licence) component.licenses ??= [{ license: { id: licence } }];
  }
  return { ...bill, serialNumber: serialOf(bill) };
}

/** The digest of each package of a lock, by name and version. */
function digestsIn({ packages }) {
  const digests = new Map();
  for (const [path, { version, integrity }] of Object.entries(packages)) {
    const [, algorithm, digest] = /^(sha\d+)-(\S+)/.exec(integrity ?? '') ?? [];
    if (!digest) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const content = Buffer.from(digest, 'base64').toString('hex');
    digests.set(`${name}@${version}`, { alg: ALGORITHMS[algorithm], content });
  }
  return digests;
}

/** The same packages have the same serial number, whoever builds the image. */
function serialOf({ components }) {
  const hex = createHash('sha256').update(JSON.stringify(components)).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
