const MIB = 1024 * 1024;
const RECENT_MAX_BYTES = 64 * MIB;

/**
 * Payloads that were accepted just now, so that fetching them in the same process needs neither a read nor an inflate.
 * The oldest make room. The inbox table stays the truth: what is missing here is read there.
 */
export class RecentPayloads {
  private readonly payloads = new Map<string, Uint8Array>();
  private held = 0;

  constructor(private readonly maxBytes = RECENT_MAX_BYTES) {}

  get bytes(): number {
    return this.held;
  }

  put(batchId: string, payload: Uint8Array): void {
    this.drop(batchId);
    if (payload.byteLength > this.maxBytes) return;
    this.payloads.set(batchId, payload);
    this.held += payload.byteLength;
    for (const oldest of this.payloads.keys()) {
      if (this.held <= this.maxBytes) break;
      this.drop(oldest);
    }
  }

  get(batchId: string): Uint8Array | undefined {
    return this.payloads.get(batchId);
  }

  drop(batchId: string): void {
    const payload = this.payloads.get(batchId);
    if (!payload) return;
    this.payloads.delete(batchId);
    this.held -= payload.byteLength;
  }
}
