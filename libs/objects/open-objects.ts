import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChartlyConfig } from '#libs/config/config';
import { FolderObjectStore } from './folder/folder-object-store';
import { ObjectStore } from './object-store';
import { S3ObjectStore } from './s3/s3-object-store';
import { s3PlaceOf } from './s3/s3-place';

/** The object store that the configuration names: a folder of the data folder when it names none. */
export async function openObjects(config: ChartlyConfig): Promise<ObjectStore> {
  const { objectsUrl, objectsRegion, objectsAccessKey = '', objectsSecretKey = '' } = config;
  if (objectsUrl === undefined) return FolderObjectStore.open(join(config.dataDir, 'objects'));
  if (objectsUrl.startsWith('file:')) return FolderObjectStore.open(fileURLToPath(objectsUrl));
  return new S3ObjectStore(s3PlaceOf(objectsUrl, objectsRegion), {
    accessKeyId: objectsAccessKey,
    secretAccessKey: objectsSecretKey,
  });
}
