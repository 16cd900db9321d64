/** The faults that verifying an audit log can find. Kept with the verification and shown by the page. */
import { z } from 'zod';

const seq = z.string();
const entryId = z.string();
/** ISO 8601 in UTC */
const at = z.string();

export const findingSchema = z.discriminatedUnion('kind', [
  /** its text is not what was linked, or its link was changed */
  z.object({ kind: z.literal('altered'), seq, entryId, at }),
  /** the link is there, the entry is not */
  z.object({ kind: z.literal('missing'), seq, entryId }),
  /** links of the chain are gone */
  z.object({ kind: z.literal('gap'), seq }),
  /** this place was another entry's */
  z.object({ kind: z.literal('reordered'), seq, entryId, belongs: z.string() }),
  /** anchored further than the chain goes */
  z.object({ kind: z.literal('cut_off'), seq, anchorSeq: seq, anchoredAt: at }),
  /** an anchor names another code for this place */
  z.object({ kind: z.literal('other_chain'), seq, anchoredAt: at }),
  /** what is left of a purged month is not what its checkpoint says */
  z.object({ kind: z.literal('checkpoint_differs'), month: z.string() }),
  /** an anchor or a checkpoint that nobody of ours signed, or that cannot be read */
  z.object({ kind: z.literal('anchor_not_ours'), name: z.string() }),
  /** linked with a key that is not in AUDIT_KEYS */
  z.object({ kind: z.literal('key_missing'), seq, keyId: z.string() }),
  /** written, and not linked for too long */
  z.object({ kind: z.literal('never_linked'), entryId, at }),
]);

export type Finding = z.infer<typeof findingSchema>;
