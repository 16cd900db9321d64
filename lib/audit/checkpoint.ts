/**
 * A checkpoint: what a month of an organization's audit log was before it was purged, signed. The links of the month stay;
 * the checkpoint says that exactly these were there, so that the rest of the chain is still verified over them. Pure.
 */
import { createHash, type Hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { type AuditKeys, isSignedBy, signatureOf } from './keys.ts';

const FORM = 'audit-checkpoint-1';

const statementSchema = z.strictObject({
  form: z.literal(FORM),
  organizationId: z.guid(),
  /** first day of the month, `2019-11-01` */
  month: z.string().regex(/^\d{4}-\d\d-01$/),
  /** how many entries it had, decimal */
  entries: z.string().regex(/^\d+$/),
  /** see `LinksDigest`, hexadecimal */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  keyId: z.string(),
});
const checkpointSchema = z.strictObject({ statement: statementSchema, signature: z.string() });

export type CheckpointStatement = z.infer<typeof statementSchema>;
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** SHA-256 over a line `{number} {code in hexadecimal}` for each link, in the order of their numbers. */
export class LinksDigest {
  readonly #hash: Hash = createHash('sha256');
  #entries = 0n;

  add(seq: string, mac: Uint8Array): void {
    this.#hash.update(`${seq} ${Buffer.from(mac).toString('hex')}\n`);
    this.#entries += 1n;
  }

  get entries(): string {
    return String(this.#entries);
  }

  /** Ends it. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}

const signedText = (statement: CheckpointStatement): string => canonicalize(statement) ?? '';

export function makeCheckpoint(
  keys: AuditKeys,
  of: Pick<CheckpointStatement, 'organizationId' | 'month' | 'entries' | 'digest'>,
  at: Date,
): Checkpoint {
  const statement: CheckpointStatement = { form: FORM, ...of, at: at.toISOString(), keyId: keys.current.id };
  return { statement, signature: signatureOf(keys.current, signedText(statement)) };
}

/** @returns null where it is none, or nobody of ours signed it */
export function readCheckpoint(keys: AuditKeys, text: string): Checkpoint | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = checkpointSchema.safeParse(json);
  if (!parsed.success) return null;
  const { statement, signature } = parsed.data;
  return isSignedBy(keys, statement.keyId, signedText(statement), signature) ? parsed.data : null;
}

/** Apart from the anchors of the organization. */
export function checkpointName({
  organizationId,
  month,
}: Pick<CheckpointStatement, 'organizationId' | 'month'>): string {
  return `checkpoints/${organizationId}/${month}.json`;
}

/** First day of the month of a time, as a checkpoint has it. */
export function monthOf(time: Date): string {
  return `${time.toISOString().slice(0, 7)}-01`;
}
