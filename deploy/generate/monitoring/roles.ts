import { ServiceName } from '#libs/contracts/contract';
import { Panel, Section } from './dashboard';
import { chosen, durations, perSecond, WINDOW } from './panels';
import { orZero, rate, share, sum } from './promql';

const lines = (expr: string, legend: string): Panel['queries'] => [{ expr, legend }];

const gateway: Section = {
  title: 'The front door',
  panels: [
    {
      title: 'In flight',
      description: 'Requests being answered at this moment, by priority.',
      unit: 'short',
      queries: lines(orZero(sum(chosen('chartly_gateway_requests_in_flight'), 'priority')), '{{priority}}'),
    },
    {
      title: 'Turned away',
      description: 'Requests turned away each second for want of room, by priority. Ingest goes first.',
      unit: 'reqps',
      queries: lines(orZero(perSecond('chartly_gateway_requests_shed_total', {}, 'priority')), '{{priority}}'),
    },
    {
      title: 'Let in by a last known decision',
      description: 'Ingest requests each second that were let in while auth was away.',
      unit: 'reqps',
      queries: lines(orZero(perSecond('chartly_auth_stale_total', {})), 'stale'),
    },
  ],
};

const connectorHub: Section = {
  title: 'The inbox',
  panels: [
    {
      title: 'Bytes that wait',
      description: 'Accepted and not yet settled bytes, beside the limit at which pushes get 429.',
      unit: 'bytes',
      queries: [
        { expr: `max(${chosen('chartly_inbox_bytes')})`, legend: 'waiting' },
        { expr: `max(${chosen('chartly_inbox_limit_bytes')})`, legend: 'limit' },
      ],
    },
    {
      title: 'Oldest batch',
      description: 'Age of the oldest batch that is not settled, by pipeline.',
      unit: 's',
      queries: lines(
        orZero(`max by (project, pipeline) (${chosen('chartly_inbox_oldest_seconds')})`),
        '{{project}}/{{pipeline}}',
      ),
    },
  ],
};

const normalizer: Section = {
  title: 'Steps',
  panels: [
    {
      title: 'Records',
      description: 'Records that the steps of pipelines passed on, filtered out or sent to quarantine each second.',
      unit: 'cps',
      queries: lines(orZero(perSecond('chartly_step_records_total', {}, 'outcome')), '{{outcome}}'),
    },
    {
      title: 'Quarantined',
      description: 'Share of records that go to quarantine, by pipeline.',
      unit: 'percentunit',
      queries: lines(
        share(
          perSecond('chartly_step_records_total', { outcome: 'quarantined' }),
          perSecond('chartly_step_records_total', {}),
        ),
        'quarantined',
      ),
    },
    durations({ title: 'Time of a step', what: 'a step over one record', metric: 'chartly_step_seconds' }),
  ],
};

const storage: Section = {
  title: 'The event store',
  panels: [
    {
      title: 'Rows',
      description:
        'Rows appended each second: stored, merged into an older one, stale, or duplicates that were dropped.',
      unit: 'rowsps',
      queries: lines(orZero(perSecond('chartly_store_rows_total', {}, 'outcome')), '{{outcome}}'),
    },
    {
      title: 'Operations',
      description: 'Operations on the event engine each second.',
      unit: 'ops',
      queries: lines(orZero(perSecond('chartly_store_seconds_count', {}, 'operation')), '{{operation}}'),
    },
    durations({
      title: 'Time of an operation',
      what: 'an operation of the event engine',
      metric: 'chartly_store_seconds',
    }),
  ],
};

const orchestrator: Section = {
  title: 'Runs',
  panels: [
    durations({
      title: 'Start delay',
      what: 'a run to begin after it is due',
      metric: 'chartly_run_start_delay_seconds',
    }),
    {
      title: 'Runs begun',
      description: 'Runs taken in hand each second.',
      unit: 'ops',
      queries: lines(orZero(perSecond('chartly_run_start_delay_seconds_count', {})), 'runs'),
    },
  ],
};

const observer: Section = {
  title: 'The books and the canary',
  panels: [
    {
      title: 'Pipelines out of balance',
      description: 'Pipelines whose books do not balance. Anything but 0 is an incident.',
      unit: 'none',
      kind: 'stat',
      queries: lines(orZero(`count(${chosen('chartly_ledger_balanced')} == 0)`), 'out of balance'),
    },
    {
      title: 'Canary',
      description: 'Whether a record of our own came through the data plane in time.',
      unit: 'bool_yes_no',
      kind: 'stat',
      queries: lines(`min(${chosen('chartly_canary_ok')})`, 'in time'),
    },
    durations({ title: 'Time to queryable', what: 'the canary from push to query', metric: 'chartly_canary_seconds' }),
  ],
};

/** Jobs that a component works off. */
export const jobs: Section = {
  title: 'Jobs',
  panels: [
    {
      title: 'Waiting jobs',
      description: 'Jobs that wait, by queue.',
      unit: 'short',
      queries: lines(orZero(`max by (queue) (${chosen('chartly_queue_jobs', { state: 'waiting' })})`), '{{queue}}'),
    },
    {
      title: 'Jobs done',
      description: 'Jobs worked off each second, by queue and how they ended.',
      unit: 'ops',
      queries: lines(
        orZero(sum(rate(chosen('chartly_job_seconds_count'), WINDOW), 'queue', 'outcome')),
        '{{queue}} {{outcome}}',
      ),
    },
    durations({ title: 'Time of a job', what: 'a job', metric: 'chartly_job_seconds' }),
  ],
};

/** What is particular to a role, beside what all have. */
export const OWN: Readonly<Partial<Record<ServiceName, readonly Section[]>>> = {
  gateway: [gateway],
  'connector-hub': [connectorHub],
  normalizer: [normalizer, jobs],
  storage: [storage],
  orchestrator: [orchestrator],
  observer: [observer],
};
