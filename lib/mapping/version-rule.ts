/**
 * The rule of a mapping version: what decides for people whom none of its rows names. It is part of the version as its rows
 * are, because who decides by a version is fenced by its id alone. Pure; `store/rule.ts` reads it.
 */
import { isRegion, type Region } from './number.ts';

export interface MappingRule {
  /** whether the User's email address is used where no row matches */
  readonly automaticMapping: boolean;
  /** in which national numbers are read where their owner's number says nothing else */
  readonly defaultRegion: Region;
}

/** Parts of a rule, as a version names those that it changes. */
export const RULE_PARTS = ['automatic', 'region'] as const;
export type RulePart = (typeof RULE_PARTS)[number];

/** A region is checked on its way in; this one stands for a region that libphonenumber has dropped since. */
export const FALLBACK_REGION = 'US';

/** A rule as it lies in a row. Pure. */
export function ruleOf(row: { readonly automaticMapping: boolean; readonly defaultRegion: string }): MappingRule {
  const { automaticMapping, defaultRegion } = row;
  return { automaticMapping, defaultRegion: isRegion(defaultRegion) ? defaultRegion : FALLBACK_REGION };
}

/** In which parts two rules differ. Pure. */
export function ruleChanges(before: MappingRule, after: MappingRule): readonly RulePart[] {
  return RULE_PARTS.filter((part) =>
    part === 'automatic'
      ? before.automaticMapping !== after.automaticMapping
      : before.defaultRegion !== after.defaultRegion,
  );
}

/** In SQL, the rule of version `v` of connector `c`: its own, else the connector's. */
export const RULE = `coalesce(v.automatic_mapping, c.automatic_mapping) AS "automaticMapping",
  coalesce(v.default_region, c.default_region) AS "defaultRegion"`;
