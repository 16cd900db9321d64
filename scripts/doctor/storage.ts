/** Blob storage: sealed content is written, read and deleted; anchors of the audit log lie where nobody can change them. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AnchorStore } from '#lib/audit/anchor-store.ts';
import type { BlobContainer } from '#lib/staging/azure.ts';
import { codeOf, type Examination, type Finding } from './finding.ts';

const TO_DO =
  'Check AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_URL and that this identity is a Storage Blob Data Contributor on the container.';

export async function* examineStorage(
  staging: BlobContainer,
  containers: { readonly staging: string; readonly anchors: string },
  anchors: Pick<AnchorStore, 'isImmutable'>,
): Examination {
  yield await writingOf(staging, containers.staging);
  yield await immutabilityOf(anchors, containers.anchors);
}

async function writingOf(container: BlobContainer, name: string): Promise<Finding> {
  const about = `Blob storage, container ${name}: write, read, delete`;
  // Nobody's content: random bytes, under a name that no import uses.
  const blob = `doctor/${randomUUID()}`;
  const bytes = randomBytes(1_024);
  try {
    await container.write(blob, bytes, 'keep');
    const read = await container.readRange(blob, 0, bytes.length);
    const deleted = await container.delete(blob);
    if (read.equals(bytes) && deleted) return { about, result: 'well', found: 'Done.' };
    return { about, result: 'wrong', found: 'What was read is not what was written.', toDo: TO_DO };
  } catch (error) {
    return { about, result: 'wrong', found: `Refused, or no answer (${codeOf(error)}).`, toDo: TO_DO };
  }
}

/** Nothing is written there to try it: it would stay for years, which is what the container is for. */
async function immutabilityOf(anchors: Pick<AnchorStore, 'isImmutable'>, name: string): Promise<Finding> {
  const about = `Blob storage, container ${name}: anchors of the audit log`;
  try {
    if (await anchors.isImmutable()) return { about, result: 'well', found: 'It has an immutability policy.' };
    return {
      about,
      result: 'beware',
      found: 'It has no immutability policy, or is not there yet.',
      toDo: 'Create it and give it a locked, time-based retention policy (docs/audit-log.md): without one, who holds the storage can replace the anchors.',
    };
  } catch (error) {
    return { about, result: 'wrong', found: `Refused, or no answer (${codeOf(error)}).`, toDo: TO_DO };
  }
}
