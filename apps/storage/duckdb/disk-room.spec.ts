import { tmpdir } from 'node:os';
import { DiskRoom } from './disk-room';

const MORE_THAN_THERE_IS = Number.MAX_SAFE_INTEGER;

describe('the room beside the events', () => {
  it('refuses what adds while less than the reserve is free', () => {
    expect(() => new DiskRoom(tmpdir(), MORE_THAN_THERE_IS).require()).toThrow(
      expect.objectContaining({ code: 'storage.full', retryable: true }),
    );
    expect(() => new DiskRoom(tmpdir(), 0).require()).not.toThrow();
  });

  it('tries again some seconds after the engine could not write, whatever the disk says', () => {
    let now = 0;
    const room = new DiskRoom(tmpdir(), 0, () => now);
    room.noteFull();
    now = 60_000;
    expect(() => room.require()).not.toThrow();
  });
});
