import { readCloudEvent } from '#libs/cloudevents/event';
import { Failure } from '../failure';
import type { JsonRecords } from './json';
import { DecodedRecords } from './records';

/** CloudEvents 1.0: the event's attributes, and its data in `data`. */
export class CloudEventRecords implements DecodedRecords {
  readonly count: number;

  constructor(private readonly events: JsonRecords) {
    this.count = events.count;
  }

  at(index: number): unknown {
    const value = this.events.at(index);
    if (value instanceof Failure) return value;
    const event = readCloudEvent(value);
    return typeof event === 'string' ? new Failure(`is no CloudEvent: ${event}`) : event;
  }

  bytesOf(index: number): Uint8Array {
    return this.events.bytesOf(index);
  }
}
