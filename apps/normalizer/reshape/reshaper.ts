import { Injectable, OnApplicationShutdown } from '@nestjs/common';
import { ChildProcess, fork } from 'node:child_process';
import { builtFile } from '../built-file';
import { decodeReadable, Readable } from '../core/decode';
import { DecodedRecords } from '../core/decode/records';
import { Failure } from '../core/failure';
import type { Reshaped } from '../core/run';
import type { ReshapeReply, ReshapeRequest } from './messages';

/** How long the child may take over one record before it is ended. Unit: milliseconds. */
const RECORD_MAX_MS = 1_000;
/** How long it may take to start, beside that. Unit: milliseconds. */
const START_MAX_MS = 10_000;
/** What the child may hold on its heap. Unit: MiB. */
const HEAP_MAX_MIB = 128;
const HANDFUL_MAX_RECORDS = 500;
const HANDFUL_MAX_CHARS = 1_048_576;
/** After so many records of one batch ended the child, the rest of the batch is refused unseen. */
const ENDED_MAX = 5;

const TOO_MUCH = `took longer than ${RECORD_MAX_MS} ms or more than ${HEAP_MAX_MIB} MiB`;

/**
 * Runs JSONata, whose own limits do not hold (rule 27), in a process of its own with a capped heap. Whatever an
 * expression does there, it costs its record and nothing else: the child is killed and the next one goes on.
 */
@Injectable()
export class Reshaper implements OnApplicationShutdown {
  private child?: ChildProcess;
  private last: Promise<unknown> = Promise.resolve();

  /** For each record what the expression gave. */
  reshapePayload(jsonata: string, input: Readable): Promise<Reshaped[]> {
    return this.reshape(jsonata, decodeReadable(input));
  }

  /** One batch at a time: there is one child. */
  reshape(jsonata: string, records: DecodedRecords): Promise<Reshaped[]> {
    const result = this.last.then(() => this.reshapeAll(jsonata, records));
    this.last = result.catch(() => undefined);
    return result;
  }

  onApplicationShutdown(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private async reshapeAll(jsonata: string, records: DecodedRecords): Promise<Reshaped[]> {
    const results: Reshaped[] = [];
    const batch = { ended: 0 };
    for (let at = 0; at < records.count;) {
      const texts: string[] = [];
      for (let chars = 0; at < records.count && texts.length < HANDFUL_MAX_RECORDS && chars < HANDFUL_MAX_CHARS; at++) {
        const record = records.at(at);
        const text = record instanceof Failure ? 'null' : JSON.stringify(record); // one that cannot be read goes no further
        chars += text.length;
        texts.push(text);
      }
      for (const one of await this.handful(jsonata, texts, batch)) results.push(one);
    }
    return results;
  }

  /** The record that the child was at when it was ended is refused; the others go to the next child. */
  private async handful(jsonata: string, texts: readonly string[], batch: { ended: number }): Promise<Reshaped[]> {
    const results: Reshaped[] = [];
    while (results.length < texts.length && batch.ended < ENDED_MAX) {
      results.push(...(await this.ask(jsonata, texts.slice(results.length))));
      if (results.length === texts.length) break;
      batch.ended += 1;
      results.push({ reason: TOO_MUCH });
    }
    const reason = `not tried: ${ENDED_MAX} records of its batch ${TOO_MUCH}`;
    while (results.length < texts.length) results.push({ reason });
    return results;
  }

  /** Fewer results than texts when the child did not live to give them all. */
  private async ask(jsonata: string, texts: readonly string[]): Promise<readonly Reshaped[]> {
    const isNew = this.child === undefined;
    const child = (this.child ??= startChild());
    const request: ReshapeRequest = { jsonata, texts };
    const results: Reshaped[] = [];
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const end = (): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve();
      };
      const wait = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(end, ms);
      };
      wait(isNew ? START_MAX_MS : RECORD_MAX_MS);
      child.on('message', (reply: ReshapeReply) => {
        if (reply !== 'ready') results.push(reply);
        if (results.length === texts.length) end();
        else wait(RECORD_MAX_MS);
      });
      child.on('exit', end);
      child.on('error', end);
      child.send(request, (error) => {
        if (error) end();
      });
    });
    if (results.length === texts.length) return results;
    child.on('error', () => undefined); // what a killed child still says
    child.kill('SIGKILL');
    this.child = undefined;
    return results;
  }
}

function startChild(): ChildProcess {
  const child = fork(builtFile('apps/normalizer/reshape/reshape.child.ts'), [], {
    env: {},
    execArgv: [`--max-old-space-size=${HEAP_MAX_MIB}`, '--disallow-code-generation-from-strings'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  child.unref();
  child.channel?.unref();
  return child;
}
