/**
 * Who has Exchange's role *Mailbox Import Export*, as Graph's beta tells it. People get it through role groups, and
 * Microsoft's documentation leaves open whether these are listed: only a real tenant says so.
 */
import { z } from 'zod';
import type { Graph } from '#lib/microsoft/graph.ts';
import { bodyOf, GraphError } from '#lib/microsoft/graph-errors.ts';
import { codeOf, type Examination } from './finding.ts';

const ROLE = 'Mailbox Import Export';
const definitionsSchema = z.object({ value: z.array(z.object({ id: z.string(), displayName: z.string().nullish() })) });
const assignmentsSchema = z.object({
  value: z.array(z.object({ roleDefinitionId: z.string().nullish(), principalId: z.string().nullish() })),
});

/** @param beta Graph in its beta version */
export async function* examineExchangeRoles(beta: Graph): Examination {
  const about = `Organization ${beta.tenantId}: Exchange role ${ROLE}`;
  const filter = encodeURIComponent(`displayName eq '${ROLE}'`);
  try {
    const url = `/roleManagement/exchange/roleDefinitions?$filter=${filter}`;
    const [role] = bodyOf(await beta.request({ method: 'GET', url }), definitionsSchema).value;
    if (role === undefined) {
      const toDo = 'Roles of people come from the app roles of the registration; nothing is to be done.';
      yield { about, result: 'beware', found: 'Exchange knows no such role here.', toDo };
      return;
    }
    const listed = await beta.request({ method: 'GET', url: '/roleManagement/exchange/roleAssignments' });
    const holders = bodyOf(listed, assignmentsSchema)
      .value.filter(({ roleDefinitionId }) => roleDefinitionId === role.id)
      .map(({ principalId }) => principalId ?? '');
    const kinds = new Map<string, number>();
    for (const holder of holders) {
      const kind = /^\/([^/]+)\//.exec(holder)?.[1] ?? 'another form of id';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    const found = [...kinds].map(([kind, count]) => `${count} by /${kind}`).join(', ') || 'assigned to nobody';
    yield { about, result: 'well', found: `${found}.`, settles: `role assignments of Exchange list ${found}` };
  } catch (error) {
    const refused = error instanceof GraphError && error.failure === 'forbidden';
    yield {
      about,
      result: 'not_checked',
      found: refused
        ? 'RoleManagement.Read.Exchange is not granted.'
        : `No answer that can be used (${error instanceof GraphError ? error.code : codeOf(error)}).`,
      toDo: 'Only where people are to be administrators by this role: grant it to the app. Otherwise app roles decide, and nothing is to be done.',
    };
  }
}
