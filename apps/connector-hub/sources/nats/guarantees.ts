import { brokerGuarantees } from '../messages/broker-guarantees';

export const NATS_GUARANTEES = brokerGuarantees('nats');
