import { makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import { Counter, Histogram } from 'prom-client';
import { metered } from '#libs/telemetry/meter';
import {
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectInfo,
  ObjectPage,
  ObjectStore,
  PutOptions,
  StoredObject,
} from './object-store';

export const OBJECT_SECONDS = 'chartly_object_seconds';
export const OBJECT_BYTES = 'chartly_object_bytes_total';

export const objectMetricProviders = [
  makeHistogramProvider({
    name: OBJECT_SECONDS,
    help: 'Time of an operation of the object store until it resolves, by how it ended: "ok", "refused" or "failed".',
    labelNames: ['operation', 'outcome'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  }),
  makeCounterProvider({
    name: OBJECT_BYTES,
    help: 'Bytes of objects that were put, and of objects that were opened for reading.',
    labelNames: ['direction'],
  }),
];

/** Any object store, with its operations metered. */
export class MeteredObjectStore extends ObjectStore {
  constructor(
    private readonly store: ObjectStore,
    private readonly seconds: Histogram,
    private readonly bytes: Counter,
  ) {
    super();
  }

  async put(key: string, body: ObjectBody, options?: PutOptions): Promise<ObjectInfo> {
    const info = await this.meter('put', () => this.store.put(key, body, options));
    this.bytes.inc({ direction: 'put' }, info.bytes);
    return info;
  }

  async get(key: string, options?: GetOptions): Promise<StoredObject> {
    const object = await this.meter('get', () => this.store.get(key, options));
    this.bytes.inc({ direction: 'get' }, object.info.bytes);
    return object;
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.meter('head', () => this.store.head(key));
  }

  list(prefix: string, options?: ListOptions): Promise<ObjectPage> {
    return this.meter('list', () => this.store.list(prefix, options));
  }

  delete(key: string): Promise<void> {
    return this.meter('delete', () => this.store.delete(key));
  }

  private meter<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return metered(this.seconds, { operation }, work);
  }
}
