import { Controller, Get, Param, Query } from '@nestjs/common';
import { IsArray, IsIn, IsObject, Matches } from 'class-validator';
import { microsOfRfc3339 } from '#libs/calendar/instants';
import { AnalyticsContract } from '#libs/contracts/analytics.contract';
import { BadRequest } from '#libs/errors/errors';
import { Allow } from '../access/allow';
import { OpenQuery } from '../http/open-query';
import { Describe } from '../openapi/route-docs';
import { ProjectParams } from './params.dto';

class LabelParams extends ProjectParams {
  @Matches(/^[a-zA-Z_][a-zA-Z0-9_]{0,199}$/) label: string;
}

/** The envelope of Prometheus' HTTP API. */
export class PrometheusReply {
  @IsIn(['success']) status: 'success';
  @IsObject() data: object;
}

export class PrometheusList {
  @IsIn(['success']) status: 'success';
  @IsArray() data: readonly unknown[];
}

type Given = Readonly<Record<string, string | readonly string[]>>;

const HOUR_MS = 3_600_000;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?$/;
const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
  w: 168 * HOUR_MS,
};

const SELECTION: Readonly<Record<string, string>> = {
  'match[]': 'A series selector; may be repeated.',
  start: 'RFC 3339 or Unix seconds; an hour ago when left out.',
  end: 'RFC 3339 or Unix seconds; now when left out.',
};

/** Reads of Prometheus' HTTP API (v1), by GET, over the project's datasets that came as samples. */
@Controller('v1/projects/:project/prometheus/api/v1')
export class PrometheusController {
  constructor(private readonly analytics: AnalyticsContract) {}

  @Get('query')
  @Allow('data:read')
  @OpenQuery()
  @Describe({
    summary: 'A PromQL expression at one time.',
    gives: PrometheusReply,
    query: { query: 'The expression.', time: 'RFC 3339 or Unix seconds; now when left out.' },
    problems: [422],
  })
  async query(@Param() { project }: ProjectParams, @Query() given: Given): Promise<PrometheusReply> {
    const asked = read(given, ['query', 'time', 'timeout', 'limit']);
    const atMs = instant(asked.one('time'), Date.now());
    const { kind, series } = await this.analytics.prometheusQuery({
      project,
      query: asked.needed('query'),
      startMs: atMs,
      endMs: atMs,
      stepMs: 1,
    });
    if (kind === 'scalar')
      return success({ resultType: 'scalar', result: series[0]?.values[0] ?? [atMs / 1_000, 'NaN'] });
    return success({
      resultType: 'vector',
      result: series.map(({ metric, values }) => ({ metric, value: values[0] })),
    });
  }

  @Get('query_range')
  @Allow('data:read')
  @OpenQuery()
  @Describe({
    summary: 'A PromQL expression over a range of times.',
    gives: PrometheusReply,
    query: {
      query: 'The expression.',
      start: 'First time.',
      end: 'Last time.',
      step: 'Seconds, or a duration like 15s.',
    },
    problems: [422],
  })
  async range(@Param() { project }: ProjectParams, @Query() given: Given): Promise<PrometheusReply> {
    const asked = read(given, ['query', 'start', 'end', 'step', 'timeout', 'limit']);
    const { series } = await this.analytics.prometheusQuery({
      project,
      query: asked.needed('query'),
      startMs: instant(asked.needed('start')),
      endMs: instant(asked.needed('end')),
      stepMs: duration(asked.needed('step')),
    });
    return success({ resultType: 'matrix', result: series });
  }

  @Get('series')
  @Allow('data:read')
  @OpenQuery()
  @Describe({ summary: 'The series that selectors mean.', gives: PrometheusList, query: SELECTION, problems: [422] })
  async series(@Param() { project }: ProjectParams, @Query() given: Given): Promise<PrometheusList> {
    const { series } = await this.analytics.prometheusSeries(selection(project, given));
    return listed(series);
  }

  @Get('labels')
  @Allow('data:read')
  @OpenQuery()
  @Describe({ summary: 'The names of labels.', gives: PrometheusList, query: SELECTION, problems: [422] })
  async labels(@Param() { project }: ProjectParams, @Query() given: Given): Promise<PrometheusList> {
    const { series } = await this.analytics.prometheusSeries(selection(project, given));
    return listed([...new Set(series.flatMap((labels) => Object.keys(labels)))].sort());
  }

  @Get('label/:label/values')
  @Allow('data:read')
  @OpenQuery()
  @Describe({ summary: 'The values of a label.', gives: PrometheusList, query: SELECTION, problems: [422] })
  async values(@Param() { project, label }: LabelParams, @Query() given: Given): Promise<PrometheusList> {
    const { series } = await this.analytics.prometheusSeries(selection(project, given));
    const values = series.map((labels) => labels[label]).filter((value) => value !== undefined);
    return listed([...new Set(values)].sort());
  }
}

const listed = (data: readonly unknown[]): PrometheusList => ({ status: 'success', data });
const success = (data: object): PrometheusReply => ({ status: 'success', data });

function selection(
  project: string,
  given: Given,
): { project: string; matches: string[]; startMs: number; endMs: number } {
  const asked = read(given, ['match[]', 'start', 'end', 'limit']);
  const endMs = instant(asked.one('end'), Date.now());
  return { project, matches: asked.all('match[]'), startMs: instant(asked.one('start'), endMs - HOUR_MS), endMs };
}

interface Asked {
  readonly one: (name: string) => string | undefined;
  readonly needed: (name: string) => string;
  readonly all: (name: string) => string[];
}

/** The query parameters of a request; one that the route does not have is refused. */
function read(given: Given, known: readonly string[]): Asked {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(unknown, 'this route knows no such query parameter');
  const all = (name: string): string[] => [given[name] ?? []].flat();
  const one = (name: string): string | undefined => all(name)[0];
  const needed = (name: string): string => {
    const text = one(name);
    if (text === undefined || text === '') throw wrong(name, 'is missing');
    return text;
  };
  return { one, needed, all };
}

function instant(text: string | undefined, fallback?: number): number {
  if (text === undefined && fallback !== undefined) return fallback;
  const seconds = /^-?\d{1,11}(?:\.\d{1,9})?$/.test(text ?? '') ? Number(text) : undefined;
  const micros = seconds === undefined ? microsOfRfc3339(text ?? '') : BigInt(Math.round(seconds * 1_000)) * 1_000n;
  if (micros === undefined) throw wrong('time', `"${text}" is neither RFC 3339 nor Unix seconds`);
  return Number(micros / 1_000n);
}

function duration(text: string): number {
  const [, count, unit = 's'] = DURATION.exec(text) ?? [];
  const ms = count === undefined ? 0 : Math.round(Number(count) * UNITS_MS[unit]!); // the pattern admits no other
  if (!(ms >= 1 && Number.isSafeInteger(ms))) throw wrong('step', `"${text}" is not a step like 15 or 15s`);
  return ms;
}

const wrong = (name: string, message: string): BadRequest =>
  new BadRequest('request.invalid', `${name}: ${message}.`, { fields: [{ path: name, message }] });
