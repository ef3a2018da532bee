import { brokerGuarantees } from '../messages/broker-guarantees';

export const MQTT_GUARANTEES = brokerGuarantees('mqtt');
