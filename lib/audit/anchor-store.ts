/**
 * Anchors in Azure Blob Storage, in a container of their own whose retention policy (time-based, locked) the operator
 * sets: then nobody, this portal included, can change or delete them. Nothing here ever replaces a blob.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { BlobContainer } from '../staging/azure.ts';
import { containerClient, type StagingSettings } from '../staging/connect.ts';
import { StagedNameTakenError } from '../staging/errors.ts';

export interface AnchorStore {
  /** What lies there already stays. */
  put(name: string, text: string): Promise<void>;
  /**
   * All of an organization, in the order of their names, which is that of time.
   *
   * @param fromDay `2026-11-21`: none of the days before is read
   */
  all(organizationId: string, fromDay?: string): AsyncIterable<{ readonly name: string; readonly text: string }>;
  /** Checkpoints of an organization, in the order of their months. */
  checkpoints(organizationId: string): AsyncIterable<{ readonly name: string; readonly text: string }>;
  /** whether the storage itself refuses to change or delete what lies there */
  isImmutable(): Promise<boolean>;
}

export function connectAnchorStore(settings: StagingSettings): AnchorStore {
  return anchorStore(containerClient(settings));
}

function anchorStore(client: ContainerClient): AnchorStore {
  const container = new BlobContainer(client);
  return {
    async put(name, text) {
      try {
        await container.write(name, Buffer.from(text), 'keep');
      } catch (error) {
        if (!(error instanceof StagedNameTakenError)) throw error;
      }
    },
    all: (organizationId, fromDay = '') => under(container, `${organizationId}/`, fromDay),
    checkpoints: (organizationId) => under(container, `checkpoints/${organizationId}/`),
    async isImmutable() {
      if (!(await client.exists())) return false;
      return (await client.getProperties()).hasImmutabilityPolicy ?? false;
    },
  };
}

async function* under(
  container: BlobContainer,
  prefix: string,
  from = '',
): AsyncGenerator<{ readonly name: string; readonly text: string }> {
  for await (const { name, size } of container.list(prefix)) {
    if (name < `${prefix}${from}`) continue;
    yield { name, text: (await container.readRange(name, 0, size)).toString('utf8') };
  }
}
