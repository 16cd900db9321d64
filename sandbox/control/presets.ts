/** Well-known bad days of a cloud, each a few rules that are added with one click. */
import { type FaultRule, faultRuleSchema } from './fault-rule.ts';

export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly rules: readonly FaultRule[];
}

const WRITES = 'POST /v1.0/users/*/messages';

const preset = (id: string, name: string, ...rules: readonly unknown[]): Preset => ({
  id,
  name,
  rules: rules.map((rule) => faultRuleSchema.parse(rule)),
});

export const presets: readonly Preset[] = [
  preset('graph-throttles', 'Graph throttles one request in ten', {
    service: 'graph',
    rate: 0.1,
    fault: { kind: 'throttle', retryAfter: 5 },
  }),
  preset(
    'graph-loses-answers',
    'Connections to Graph break after the message was written, one in twenty',
    { service: 'graph', route: WRITES, rate: 0.05, fault: { kind: 'reset-after' } },
    { service: 'graph', route: 'POST /v1.0/$batch', rate: 0.05, fault: { kind: 'reset-after' } },
  ),
  preset('graph-unavailable', 'One answer of Graph in ten is 503', {
    service: 'graph',
    rate: 0.1,
    fault: { kind: 'refuse', status: 503, code: 'ServiceUnavailable' },
  }),
  preset('graph-slow', 'Graph is slow (1 s)', { service: 'graph', fault: { kind: 'delay', ms: 1_000 } }),
  preset('graph-tokens-end', 'Tokens for Graph end early, one request in fifty', {
    service: 'graph',
    rate: 0.02,
    fault: { kind: 'expire' },
  }),
  preset('telemessage-sessions-end', 'Sessions at TeleMessage end early, one request in twenty', {
    service: 'telemessage',
    route: 'GET *',
    rate: 0.05,
    fault: { kind: 'expire' },
  }),
  preset('telemessage-cut-attachments', 'One attachment in five arrives cut', {
    service: 'telemessage',
    route: 'GET /v1/attachments/*',
    rate: 0.2,
    fault: { kind: 'truncate' },
  }),
  preset('telemessage-stalls', 'One page of the feed in ten stops half-way', {
    service: 'telemessage',
    route: 'GET /v1/archives/*/items',
    rate: 0.1,
    fault: { kind: 'stall' },
  }),
  preset('telemessage-down', 'TeleMessage is down', {
    service: 'telemessage',
    fault: { kind: 'refuse', status: 503, code: 'GENERAL_ERROR' },
  }),
  preset('entra-down', 'Nobody gets a token or signs in', {
    service: 'entra',
    fault: { kind: 'refuse', status: 503, code: 'temporarily_unavailable' },
  }),
];
