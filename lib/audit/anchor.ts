/**
 * An anchor: what the head of an organization's chain was at a time, signed. Kept where the database cannot take it back
 * (`anchor-store.ts`), it proves that the chain was no shorter and no other. Pure.
 */
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { type AuditKeys, isSignedBy, signatureOf } from './keys.ts';

const FORM = 'audit-anchor-1';

const statementSchema = z.strictObject({
  form: z.literal(FORM),
  organizationId: z.guid(),
  /** number of entries in the chain, which is the last one's place */
  seq: z.string().regex(/^[1-9]\d*$/),
  /** the last link's code, hexadecimal */
  mac: z.string().regex(/^[0-9a-f]{64}$/),
  /** when this was said, ISO 8601 in UTC */
  at: z.iso.datetime(),
  /** whose public key verifies the signature */
  keyId: z.string(),
});
const anchorSchema = z.strictObject({ statement: statementSchema, signature: z.string() });

export type AnchorStatement = z.infer<typeof statementSchema>;
export type Anchor = z.infer<typeof anchorSchema>;

/** The bytes that are signed: the statement in canonical form (RFC 8785). */
export function signedText(statement: AnchorStatement): string {
  return canonicalize(statement) ?? '';
}

export function makeAnchor(
  keys: AuditKeys,
  head: { readonly organizationId: string; readonly seq: string; readonly mac: Uint8Array },
  at: Date,
): Anchor {
  const statement: AnchorStatement = {
    form: FORM,
    organizationId: head.organizationId,
    seq: head.seq,
    mac: Buffer.from(head.mac).toString('hex'),
    at: at.toISOString(),
    keyId: keys.current.id,
  };
  return { statement, signature: signatureOf(keys.current, signedText(statement)) };
}

/** @returns null where it is no anchor, or nobody of ours signed it */
export function readAnchor(keys: AuditKeys, text: string): Anchor | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = anchorSchema.safeParse(json);
  if (!parsed.success) return null;
  const { statement, signature } = parsed.data;
  return isSignedBy(keys, statement.keyId, signedText(statement), signature) ? parsed.data : null;
}

/** Where an anchor lies: organization first, then in the order of time. */
export function anchorName({ organizationId, at, seq }: AnchorStatement): string {
  return `${organizationId}/${at.slice(0, 10)}/${at.slice(11, 19).replaceAll(':', '')}-${seq}.json`;
}
