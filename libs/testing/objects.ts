import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderObjectStore } from '#libs/objects/folder/folder-object-store';
import { ObjectStore } from '#libs/objects/object-store';

export interface TestObjects {
  readonly folder: string;
  readonly store: ObjectStore;
  stop(): void;
}

/** An object store in a folder of its own, which `stop` removes. */
export async function openTestObjects(): Promise<TestObjects> {
  const folder = mkdtempSync(join(tmpdir(), 'chartly-objects-'));
  const store = await FolderObjectStore.open(folder);
  return { folder, store, stop: () => rmSync(folder, { recursive: true, force: true }) };
}
