/** A connector's name, as everybody sees it. */

import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { hasInvisible } from '../mapping/invisible.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type ChangedMeanwhile, changedMeanwhile } from './changed-meanwhile.ts';

/** Characters, as a person counts them. */
export const LONGEST_NAME = 80;

export interface NewName {
  readonly connectorId: string;
  readonly name: string;
  /** the name that it was changed from on the page; left out: whatever it is */
  readonly seen?: string;
}

export type RenameResult =
  | { readonly kind: 'done' /** without what stands around it */; readonly name: string }
  | ChangedMeanwhile<string>
  /** `taken`: another connector of the organization has it, in whatever case */
  | { readonly kind: 'unchanged' | 'not_found' | 'bad_name' | 'taken' };

const EMOJI = /\p{RGI_Emoji}/gv;
/** Without a shape of their own, and yet not to be ignored: no characters, notes between lines, a pattern without dots. */
const UNPRINTED = /[\p{Cc}\p{Co}\p{Cn}\uFFF9-\uFFFB\u2800]/u;

/** The name as it is stored, without blanks around it and none doubled; null where it cannot be one. Pure. */
export function readName(written: string): string | null {
  const name = written.normalize('NFC').replace(/\s+/gu, ' ').trim();
  const length = [...new Intl.Segmenter('en').segment(name)].length;
  // Marks that nobody sees, or that turn what follows around, would make two names look alike. Emoji are made with some.
  const isPlain = name.isWellFormed() && !hasInvisible(name.replace(EMOJI, '')) && !UNPRINTED.test(name);
  return length >= 1 && length <= LONGEST_NAME && name.length <= LONGEST_NAME * 8 && isPlain ? name : null;
}

/** @throws NotAllowed */
export async function renameConnector(
  deps: Pick<CommandDeps, 'pool' | 'notify'>,
  actor: Actor,
  { connectorId, name: written, seen }: NewName,
): Promise<RenameResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const name = readName(written);
  if (name === null) return { kind: 'bad_name' };
  const result = await inTransaction(deps.pool, async (client): Promise<RenameResult> => {
    // One at a time in an organization: of two who want the same name one comes too late.
    await client.query('SELECT 1 FROM organization WHERE id = $1 FOR NO KEY UPDATE', [organizationId]);
    const { rows } = await client.query<{ name: string; taken: boolean }>(
      `SELECT c.name, EXISTS (SELECT 1 FROM connector other WHERE other.organization_id = $1 AND other.id <> c.id
         AND other.status = 'live' AND lower(other.name) = lower($3)) AS taken
       FROM connector c WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live' FOR NO KEY UPDATE OF c`,
      [organizationId, connectorId, name],
    );
    const [before] = rows;
    if (!before) return { kind: 'not_found' };
    if (before.name === name) return { kind: 'unchanged' };
    if (seen !== undefined && before.name !== seen)
      return changedMeanwhile(client, { organizationId, connectorId, action: 'connector.renamed' }, before.name);
    if (before.taken) return { kind: 'taken' };
    await client.query('UPDATE connector SET name = $3, updated_at = now() WHERE organization_id = $1 AND id = $2', [
      organizationId,
      connectorId,
      name,
    ]);
    const detail = { before: before.name, after: name };
    await auditIn(client, actor, { action: 'connector.renamed', connectorId, detail });
    return { kind: 'done', name };
  });
  if (result.kind === 'done') deps.notify({ organizationId, connectorId, importId: null });
  return result;
}
