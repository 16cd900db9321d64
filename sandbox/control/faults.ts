/**
 * Faults on request. A rule says which requests it strikes and what happens to them; which of the matching requests
 * it strikes follows from the seed and from the order in which they come, so that a failure can be had again by a
 * client that sends one request at a time.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Fault, faultSchema, type ServiceName, serviceNames } from './fault.ts';
import { canStrike, whyNever } from './fault-reach.ts';
import { globPattern } from './globs.ts';

export const faultRuleSchema = z
  .strictObject({
    service: z.enum(serviceNames),
    /** `METHOD /path`, where `*` stands for anything: `POST /v1.0/users/*`. The query does not count */
    route: z.string().min(1).default('*'),
    /** the mailbox of this object id, principal name or address, however the path names it; any when missing */
    mailbox: z.string().min(1).optional(),
    /** share of the matching requests that are struck */
    rate: z.number().gt(0).max(1).default(1),
    /** how many requests are struck in all; unlimited when missing */
    count: z.number().int().min(1).optional(),
    /** how many matching requests pass first */
    after: z.number().int().min(0).default(0),
    fault: faultSchema,
  })
  .superRefine((rule, context) => {
    const never = whyNever(rule);
    if (never) context.addIssue({ code: 'custom', path: [...never.path], message: never.sentence });
  });

export type FaultRule = z.infer<typeof faultRuleSchema>;

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
  /** Puts these rules in the place of all that were in force, as if the sandbox had just started. */
  replace(rules: readonly FaultRule[]): readonly FaultRuleInForce[];
  /** false when there is no such rule */
  remove(id: string): boolean;
  clear(): void;
  /** The fault that strikes this request, if one does. Each call counts as one request: ask once. */
  strike(target: FaultTarget): Fault | undefined;
}

/** The object id of whoever owns a mailbox; a name that nobody has stays as it is. */
export type MailboxOwner = (idOrAddress: string) => string;

interface Counted {
  readonly id: string;
  readonly rule: FaultRule;
  readonly route: RegExp;
  readonly random: () => number;
  seen: number;
  struck: number;
}

/** A registry without rules. The first rule that strikes wins; rules are asked in the order in which they were added. */
export function faultRegistry(seed: number, ownerOf: MailboxOwner = (name) => name): FaultRegistry {
  let rules: Counted[] = [];
  let added = 0;

  const add = (rule: FaultRule): FaultRuleInForce => {
    added += 1;
    const random = seededRandom(seed * 1_000 + added);
    const counted: Counted = { id: randomUUID(), rule, route: globPattern(rule.route), random, seen: 0, struck: 0 };
    rules.push(counted);
    return show(counted);
  };
  const clear = (): void => {
    rules = [];
    added = 0;
  };
  return {
    rules: () => rules.map(show),
    add,
    replace: (wanted) => {
      clear();
      return wanted.map(add);
    },
    remove: (id) => {
      const before = rules.length;
      rules = rules.filter((one) => one.id !== id);
      return rules.length < before;
    },
    clear,
    strike: (target) => rules.find((one) => strikes(one, target, ownerOf))?.rule.fault,
  };
}

function strikes(one: Counted, target: FaultTarget, ownerOf: MailboxOwner): boolean {
  const { rule } = one;
  const route = `${target.method} ${target.path}`;
  if (rule.service !== target.service || !one.route.test(route)) return false;
  if (!canStrike(rule.service, rule.fault.kind, route)) return false;
  if (rule.mailbox !== undefined && !isOn(target.path, rule.mailbox, ownerOf)) return false;
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

function isOn(path: string, mailbox: string, ownerOf: MailboxOwner): boolean {
  const segment = /\/users\/([^/]+)/i.exec(path)?.[1];
  return segment !== undefined && ownerOf(decoded(segment).toLowerCase()) === ownerOf(mailbox.toLowerCase());
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
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
