import { brokerGuarantees } from '../messages/broker-guarantees';

export const REDIS_GUARANTEES = brokerGuarantees('redis');
