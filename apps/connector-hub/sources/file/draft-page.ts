import { RecordPart, SourcePage } from '../source-reader';
import { FileState } from './file-state';

/** A page holds as much, of one file or of several. */
const PAGE_BYTES = 2 ** 20;
const PAGE_PARTS = 100;

/** What becomes a page. */
export class DraftPage {
  private readonly parts: RecordPart[] = [];
  private count = 0;
  private bytes = 0;
  private pieces = 0;

  add(parts: readonly RecordPart[], count: number, bytes: number): void {
    this.parts.push(...parts);
    this.count += count;
    this.bytes += bytes;
    this.pieces += 1;
  }

  get isFull(): boolean {
    return this.bytes >= PAGE_BYTES || this.parts.length >= PAGE_PARTS;
  }

  /** Nothing happened, not even that a file without records was read. */
  get isEmpty(): boolean {
    return this.pieces === 0;
  }

  page(state: FileState): SourcePage<FileState> {
    const { parts, count, bytes } = this;
    return { parts, count, bytes, state };
  }
}
