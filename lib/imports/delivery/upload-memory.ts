/** Where the upload session of a copy's attachment is remembered: in the ledger, its address sealed to copy and bytes. */
import type { PlannedAttachment } from '../../mail/attachments.ts';
import type { UploadMemory } from '../../mailbox/upload-session.ts';
import { openSecret, sealSecret, TamperedError, UnknownKeyError } from '../../security/sealing.ts';
import { DeadlineOverError, type Ready, type ShardWork } from './shard-work.ts';

export function uploadMemory(work: ShardWork, { delivery }: Ready, attachment: PlannedAttachment): UploadMemory {
  const { ledger, keyRing } = work.deps;
  const { lease } = work.held;
  const { id, sha256 } = attachment;
  // With the hash in it, a session that was begun with other bytes does not open.
  const context = `upload-session:${delivery.organizationId}:${delivery.id}:${id}:${sha256}`;
  const ours = (written: boolean): void => {
    if (!written) throw new DeadlineOverError('another worker has this copy');
  };
  return {
    async recall() {
      const row = await ledger.recallUploadSession(delivery, id);
      if (row === null) return null;
      try {
        return { uploadUrl: openSecret(keyRing, row.urlSealed, context), sent: row.sent };
      } catch (error) {
        if (error instanceof TamperedError || error instanceof UnknownKeyError) return null;
        throw error;
      }
    },
    remember: async (uploadUrl, expiresAt) => {
      const urlSealed = sealSecret(keyRing, uploadUrl, context);
      ours(await ledger.rememberUploadSession(lease, delivery, { attachment: id, urlSealed, expiresAt }));
    },
    noteSent: async (bytes) => ours(await ledger.noteUploaded(lease, delivery, id, bytes)),
    forget: () => ledger.forgetUploadSession(lease, delivery, id),
  };
}
