import { Injectable } from '@nestjs/common';
import { QueryReply } from '#libs/contracts/analytics.contract';
import { LastRows, ListRows, RowPage, RowsRange } from '#libs/contracts/dataset-rows';
import { PlanMeasure, QueryPlan } from '#libs/contracts/query-plan';
import { StorageContract } from '#libs/contracts/storage.contract';
import { BadRequest } from '#libs/errors/errors';
import { Answers, replyOf } from './answers';
import { Question } from './question/question';
import { plainPlan } from './question/plan-of-question';
import { invalidQuery, readQuestion } from './question/read-question';

const PAGE = 1_000;
const MEASURES_MAX = 50;

/** Reads the rows of a dataset as they are: page by page, or the newest of each series. */
@Injectable()
export class RowReads {
  constructor(
    private readonly storage: StorageContract,
    private readonly answers: Answers,
  ) {}

  /** Throws BadRequest `cursor.malformed`. */
  async page({ cursor, limit = PAGE, ...range }: ListRows): Promise<RowPage> {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const plan = plainPlan(this.questionOf(range, limit));
    const { columns, rows, next } = await this.storage.query({ ...plan, page: after ? { after } : {} });
    return { columns, rows, ...(next ? { next: cursorOf(next) } : {}) };
  }

  async last({ by, limit = PAGE, columns, ...range }: LastRows): Promise<QueryReply> {
    const { time, key, columns: all } = await this.storage.describe(range);
    const dimensions = by ?? key;
    const others = columns ?? all.filter(({ type }) => type !== 'json').map(({ name }) => name);
    const measures: PlanMeasure[] = others
      .filter((name) => !dimensions.includes(name) && name !== time)
      .map((name) => ({ name, fn: 'last', column: name }));
    if (measures.length >= MEASURES_MAX) {
      throw invalidQuery([{ path: 'columns', message: `name fewer than ${MEASURES_MAX} columns` }]);
    }
    const question = this.questionOf(range, limit);
    const plan: QueryPlan = {
      ...plainPlan(question),
      dimensions: [...dimensions],
      measures: [...(dimensions.includes(time) ? [] : [newest(time)]), ...measures],
    };
    const rows = await this.storage.query(plan);
    return replyOf(question, rows, [rows]);
  }

  private questionOf(range: RowsRange, limit: number): Question {
    return readQuestion({ ...range, limit }, { dataset: range.dataset }, this.answers.nowUs);
  }
}

const newest = (time: string): PlanMeasure => ({ name: time, fn: 'max', column: time });

type Place = readonly (string | number | boolean)[];

/** A cursor is the place of a page's last row: its time and key. */
const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function readCursor(cursor: string): Place {
  const malformed = new BadRequest('cursor.malformed', 'The cursor is not one that a page before gave.');
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isPlace = Array.isArray(place) && place.every((one) => ['string', 'number', 'boolean'].includes(typeof one));
    if (isPlace) return place as Place; // looked
  } catch {
    throw malformed;
  }
  throw malformed;
}
