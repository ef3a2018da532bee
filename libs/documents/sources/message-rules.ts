import { Problem } from '../document-problems';
import { MqttPull } from './mqtt';
import { NatsPull } from './nats';

/** What no schema can say of an address beside its scheme: who asks stands under auth, where secrets may stand. */
export function bareUrlProblems(url: string, path: string, holds: string): Problem[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || (parsed.username === '' && parsed.password === '' && parsed.search === '')) return [];
  return [{ path, message: `holds more than ${holds}; who asks stands under auth` }];
}

/** What no schema can say of a NATS source. */
export function natsProblems({ nats: { url, auth } }: NatsPull): Problem[] {
  const problems = bareUrlProblems(url, 'spec.source.nats.url', 'host and port');
  if (!auth) return problems;
  const ways = [auth.user ?? auth.password, auth.token, auth.creds].filter((way) => way !== undefined).length;
  const halves = (auth.user === undefined) !== (auth.password === undefined);
  if (ways === 1 && !halves) return problems;
  return [
    ...problems,
    { path: 'spec.source.nats.auth', message: 'takes exactly one of user and password, token, creds' },
  ];
}

/** What no schema can say of an MQTT source. */
export function mqttProblems({ mqtt: { url, topics } }: MqttPull): Problem[] {
  return [
    ...bareUrlProblems(url, 'spec.source.mqtt.url', 'host and port'),
    ...topics.flatMap((topic, at) =>
      isTopicFilter(topic)
        ? []
        : [{ path: `spec.source.mqtt.topics[${at}]`, message: `"${topic}" is no topic filter of MQTT` }],
    ),
  ];
}

/** MQTT 5.0 §4.7.1: `+` fills a level, `#` the last one. */
const isTopicFilter = (topic: string): boolean => {
  const levels = topic.split('/');
  return levels.every(
    (level, at) => level === '+' || (level === '#' && at === levels.length - 1) || !/[+#\0]/.test(level),
  );
};
