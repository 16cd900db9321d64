/** The organization as its own directory describes it. */
import { z } from 'zod';
import type { CallOptions, Graph } from './graph.ts';
import { bodyOf } from './graph-errors.ts';

export interface OrganizationProfile {
  /** the tenant's id */
  readonly id: string;
  readonly displayName: string;
  /** lower case; the default one first */
  readonly verifiedDomains: readonly string[];
}

const schema = z.object({
  value: z
    .array(
      z.object({
        id: z.string(),
        displayName: z.string().nullish(),
        verifiedDomains: z.array(z.object({ name: z.string(), isDefault: z.boolean().nullish() })).default([]),
      }),
    )
    .min(1),
});

/** @throws GraphError, AppTokenError */
export async function readOrganization(graph: Graph, options: CallOptions = {}): Promise<OrganizationProfile> {
  const answer = await graph.request(
    { method: 'GET', url: '/organization?$select=id,displayName,verifiedDomains' },
    options,
  );
  const [organization] = bodyOf(answer, schema).value;
  if (organization === undefined) throw new RangeError('the directory names no organization');
  const domains = organization.verifiedDomains.toSorted(
    (a, b) => Number(b.isDefault ?? false) - Number(a.isDefault ?? false),
  );
  return {
    id: organization.id,
    displayName: organization.displayName ?? organization.id,
    verifiedDomains: domains.map(({ name }) => name.toLowerCase()),
  };
}
