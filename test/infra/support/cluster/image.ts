import { mkdtempSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../support/paths';
import { attempt } from '../tools';

/** What `deploy/Dockerfile` says of how a container of the image starts. */
export interface Image {
  /** The folder that the Dockerfile copies to `workdir`. */
  readonly folder: string;
  readonly workdir: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
}

const DOCKERFILE = join(ROOT, 'deploy', 'Dockerfile');

/** Lays the image's folder out as the Dockerfile does, with the same script. Throws with what it said when it fails. */
export function layOutImage(): Image {
  const folder = mkdtempSync(join(tmpdir(), 'chartly-image-'));
  chmodSync(folder, 0o755);
  const { status, stderr } = attempt(process.execPath, [join(ROOT, 'scripts', 'image.mjs'), folder]);
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`The image could not be laid out: ${stderr}`);
  }
  return { folder, ...readDockerfile() };
}

/** The instructions of the last stage. */
export function readDockerfile(): Omit<Image, 'folder'> {
  const text = readFileSync(DOCKERFILE, 'utf8').replaceAll(/\\\n/g, ' ');
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  const one = (instruction: string): string => {
    const found = new RegExp(`^${instruction} (.*)$`, 'm').exec(stage)?.[1];
    if (found === undefined) throw new Error(`deploy/Dockerfile has no ${instruction}.`);
    return found;
  };
  const env = [...stage.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!] as const); // its groups took part
  return {
    workdir: one('WORKDIR'),
    entrypoint: JSON.parse(one('ENTRYPOINT')) as string[], // exec form
    command: JSON.parse(one('CMD')) as string[], // exec form
    env: Object.fromEntries(env),
    user: one('USER'),
  };
}
