import { Source } from '../source';
import { sourceProblems } from './source-rules';

const redis = { url: 'redis://h:6379/0', stream: 's' };
const nats = { url: 'nats://h:4222', stream: 'S' };
const mqtt = { url: 'mqtt://h:1883', topics: ['a/+/b', '#', '+', 'a/#', '$SYS/x'] };

describe('sources of messages', () => {
  it.each<Source>([
    { redis },
    { nats },
    { nats: { ...nats, auth: { user: 'u', password: 'p' } } },
    { nats: { ...nats, auth: { token: 't' } } },
    { nats: { ...nats, auth: { creds: 'c' } } },
    { mqtt },
  ])('are taken as they should be written: %j', (source) => {
    expect(sourceProblems(source)).toEqual([]);
  });

  it.each<[string, Source]>([
    ['spec.source.redis.url', { redis: { ...redis, url: 'redis://u:p@h' } }],
    ['spec.source.redis.url', { redis: { ...redis, url: 'redis://h?db=1' } }],
    ['spec.source.nats.url', { nats: { ...nats, url: 'nats://token@h' } }],
    ['spec.source.nats.auth', { nats: { ...nats, auth: {} } }],
    ['spec.source.nats.auth', { nats: { ...nats, auth: { user: 'u' } } }],
    ['spec.source.nats.auth', { nats: { ...nats, auth: { token: 't', creds: 'c' } } }],
    ['spec.source.nats.auth', { nats: { ...nats, auth: { token: 't', password: 'p' } } }],
    ['spec.source.mqtt.url', { mqtt: { ...mqtt, url: 'mqtt://u@h' } }],
    ['spec.source.mqtt.topics[0]', { mqtt: { ...mqtt, topics: ['a/#/b'] } }],
    ['spec.source.mqtt.topics[1]', { mqtt: { ...mqtt, topics: ['a', 'a+/b'] } }],
  ])('say what is wrong at %s', (path, source) => {
    expect(sourceProblems(source).map((problem) => problem.path)).toEqual([path]);
  });
});
