/**
 * Faults on request. A rule says which requests it strikes and what happens to them; which of the matching requests
 * it strikes follows from the seed and from the order in which they come, so that a failure can be had again by a
 * client that sends one request at a time.
 */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { Draw } from '../random.ts';
import type { Fault, ServiceName } from './fault.ts';
import { canStrike } from './fault-reach.ts';
import { type FaultRule, faultRuleSchemaFor, type MailboxOwner } from './fault-rule.ts';
import { globMatcher } from './globs.ts';

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
  /** whose mailbox it is about: an object id, or in lower case what stands where nobody has the name */
  readonly mailbox?: string | undefined;
}

/** A fault that strikes a request. */
export interface Strike {
  readonly fault: Fault;
  /** Takes the strike back where the fault had nothing to do anything to, so that it does not use the rule up. */
  readonly forgive: () => void;
}

export interface FaultRegistry {
  /** what `add` and `replace` take: rules that could strike something, and no mailbox that nobody has */
  readonly ruleSchema: z.ZodType<FaultRule>;
  rules(): readonly FaultRuleInForce[];
  add(rule: FaultRule): FaultRuleInForce;
  /** Puts these rules in the place of all that were in force, as if the sandbox had just started. */
  replace(rules: readonly FaultRule[]): readonly FaultRuleInForce[];
  /** false when there is no such rule */
  remove(id: string): boolean;
  clear(): void;
  /** Whether there is no rule. */
  isEmpty(): boolean;
  /** Whether a rule names a mailbox: finding out whose a request is about is not worth it otherwise. */
  asksMailbox(): boolean;
  /** The fault that strikes this request, if one does. Each call counts as one request: ask once. */
  strike(target: FaultTarget): Strike | undefined;
}

interface Counted {
  readonly id: string;
  readonly rule: FaultRule;
  readonly fits: (route: string) => boolean;
  readonly draw: Draw;
  seen: number;
  struck: number;
}

/** A registry without rules. The first rule that strikes wins; rules are asked in the order in which they were added. */
export function faultRegistry(seed: number, ownerOf: MailboxOwner = (name) => name): FaultRegistry {
  let rules: Counted[] = [];
  let added = 0;

  const add = (rule: FaultRule): FaultRuleInForce => {
    added += 1;
    const draw = new Draw('fault', seed, added);
    const counted: Counted = { id: randomUUID(), rule, fits: globMatcher(rule.route), draw, seen: 0, struck: 0 };
    rules.push(counted);
    return show(counted);
  };
  const clear = (): void => {
    rules = [];
    added = 0;
  };
  return {
    ruleSchema: faultRuleSchemaFor(ownerOf),
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
    isEmpty: () => rules.length === 0,
    asksMailbox: () => rules.some(({ rule }) => rule.mailbox !== undefined),
    strike: (target) => {
      const striking = rules.find((one) => strikes(one, target, ownerOf));
      return striking && strikeOf(striking);
    },
  };
}

function strikes(one: Counted, target: FaultTarget, ownerOf: MailboxOwner): boolean {
  const { rule } = one;
  const route = `${target.method} ${target.path}`;
  if (rule.service !== target.service || !one.fits(route)) return false;
  if (!canStrike(rule.service, rule.fault.kind, route)) return false;
  if (rule.mailbox !== undefined && target.mailbox !== (ownerOf(rule.mailbox) ?? rule.mailbox.toLowerCase())) {
    return false;
  }
  one.seen += 1;
  if (one.seen <= rule.after) return false;
  if (rule.count !== undefined && one.struck >= rule.count) return false;
  if (!one.draw.chance(rule.rate)) return false;
  one.struck += 1;
  return true;
}

function strikeOf(one: Counted): Strike {
  let forgiven = false;
  return {
    fault: one.rule.fault,
    forgive: () => {
      if (!forgiven) one.struck -= 1;
      forgiven = true;
    },
  };
}

function show(one: Counted): FaultRuleInForce {
  return { ...one.rule, id: one.id, seen: one.seen, struck: one.struck };
}
