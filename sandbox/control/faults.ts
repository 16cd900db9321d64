/**
 * Faults on request. A rule says which requests it strikes and what happens to them; which of the matching requests
 * it strikes follows from the seed, so that a failure can be had again.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';

export const serviceNames = ['graph', 'entra', 'telemessage'] as const;

const milliseconds = z.number().int().min(0).max(600_000);

const faultSchema = z.discriminatedUnion('kind', [
  /** answers with this status and error code; nothing is done */
  z.object({ kind: z.literal('refuse'), status: z.number().int().min(400).max(599), code: z.string().min(1) }),
  /** 429 with Retry-After in seconds; nothing is done */
  z.object({ kind: z.literal('throttle'), retryAfter: z.number().int().min(0).max(3_600) }),
  /** waits, then does and answers as usual */
  z.object({ kind: z.literal('delay'), ms: milliseconds }),
  /** cuts the connection; nothing is done */
  z.object({ kind: z.literal('reset-before') }),
  /** does it, then cuts the connection instead of answering */
  z.object({ kind: z.literal('reset-after') }),
  /** does it at once, answers after `ms` */
  z.object({ kind: z.literal('answer-late'), ms: milliseconds }),
  /** cuts the connection at once (inside a batch: answers 504), does it after `ms` */
  z.object({ kind: z.literal('commit-late'), ms: milliseconds }),
  /** does it and never answers */
  z.object({ kind: z.literal('no-answer') }),
  /** does it, sends half of the answer and cuts the connection */
  z.object({ kind: z.literal('truncate') }),
  /** for the service to interpret: the same thing once more */
  z.object({ kind: z.literal('duplicate') }),
  /** for the service to interpret: the session or token is over */
  z.object({ kind: z.literal('expire') }),
]);

export const faultRuleSchema = z.object({
  service: z.enum(serviceNames),
  /** `METHOD /path`, where `*` stands for anything: `POST /v1.0/users/*`. The query does not count */
  route: z.string().min(1).default('*'),
  /** object id or address of a mailbox, as it stands in the path; any when missing */
  mailbox: z.string().min(1).optional(),
  /** share of the matching requests that are struck */
  rate: z.number().min(0).max(1).default(1),
  /** how many requests are struck in all; unlimited when missing */
  count: z.number().int().min(1).optional(),
  /** how many matching requests pass first */
  after: z.number().int().min(0).default(0),
  fault: faultSchema,
});

export type Fault = z.infer<typeof faultSchema>;
export type FaultRule = z.infer<typeof faultRuleSchema>;
export type ServiceName = (typeof serviceNames)[number];

export interface FaultRuleInForce extends FaultRule {
  readonly id: string;
  /** requests that matched */
  readonly seen: number;
  /** requests that were struck */
  readonly struck: number;
}

/** What a rule may look at. */
export interface FaultTarget {
  readonly service: ServiceName;
  readonly method: string;
  /** without query */
  readonly path: string;
}

export interface FaultRegistry {
  rules(): readonly FaultRuleInForce[];
  add(rule: FaultRule): FaultRuleInForce;
  /** false when there is no such rule */
  remove(id: string): boolean;
  clear(): void;
  /** The fault that strikes this request, if one does. Each call counts as one request: ask once. */
  strike(target: FaultTarget): Fault | undefined;
}

interface Counted {
  readonly id: string;
  readonly rule: FaultRule;
  readonly route: RegExp;
  readonly mailbox: string | undefined;
  readonly random: () => number;
  seen: number;
  struck: number;
}

/** A registry without rules. The first rule that strikes wins; rules are asked in the order in which they were added. */
export function faultRegistry(seed: number): FaultRegistry {
  let rules: Counted[] = [];
  let added = 0;

  return {
    rules: () => rules.map(show),
    add: (rule) => {
      added += 1;
      const counted: Counted = {
        id: randomUUID(),
        rule,
        route: globPattern(rule.route),
        mailbox: rule.mailbox?.toLowerCase(),
        random: seededRandom(seed * 1_000 + added),
        seen: 0,
        struck: 0,
      };
      rules.push(counted);
      return show(counted);
    },
    remove: (id) => {
      const before = rules.length;
      rules = rules.filter((one) => one.id !== id);
      return rules.length < before;
    },
    clear: () => {
      rules = [];
      added = 0;
    },
    strike: (target) => rules.find((one) => strikes(one, target))?.rule.fault,
  };
}

function strikes(one: Counted, target: FaultTarget): boolean {
  const { rule } = one;
  if (rule.service !== target.service || !one.route.test(`${target.method} ${target.path}`)) return false;
  if (one.mailbox !== undefined && mailboxInPath(target.path) !== one.mailbox) return false;
  one.seen += 1;
  if (one.seen <= rule.after) return false;
  if (rule.count !== undefined && one.struck >= rule.count) return false;
  if (rule.rate < 1 && one.random() >= rule.rate) return false;
  one.struck += 1;
  return true;
}

function show(one: Counted): FaultRuleInForce {
  return { ...one.rule, id: one.id, seen: one.seen, struck: one.struck };
}

function mailboxInPath(path: string): string | undefined {
  const segment = /\/users\/([^/]+)/.exec(path)?.[1];
  return segment === undefined ? undefined : segment.replace(/%40/i, '@').toLowerCase();
}

function globPattern(glob: string): RegExp {
  const escaped = glob.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'i');
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
