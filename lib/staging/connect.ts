/** From settings to staging. The environment is read elsewhere (`lib/env.ts`). */
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient, type StoragePipelineOptions } from '@azure/storage-blob';
import { BlobContainer } from './azure.ts';
import { type SealedBlobs, sealedBlobs } from './sealed-blobs.ts';

/** A connection string, or the account's URL and whatever identity this machine has (managed identity, workload identity). */
export type StagingSettings = { readonly container: string } & (
  | { readonly connectionString: string }
  /** `authorityHost`: where that identity signs in, other than a managed one: the cloud's host of Entra ID */
  | { readonly accountUrl: string; readonly authorityHost: string }
);

const PIPELINE: StoragePipelineOptions = {
  retryOptions: { maxTries: 5, tryTimeoutInMs: 60_000, retryDelayInMs: 500, maxRetryDelayInMs: 20_000 },
  userAgentOptions: { userAgentPrefix: 'compliance-portal' },
};

/** Opens no connection yet. */
export function containerClient(settings: StagingSettings): ContainerClient {
  const service =
    'connectionString' in settings
      ? BlobServiceClient.fromConnectionString(settings.connectionString, PIPELINE)
      : new BlobServiceClient(
          settings.accountUrl,
          new DefaultAzureCredential({ authorityHost: settings.authorityHost }),
          PIPELINE,
        );
  return service.getContainerClient(settings.container);
}

/** The container is created by the first write that misses it. */
export function connectStaging(settings: StagingSettings): SealedBlobs {
  return sealedBlobs(new BlobContainer(containerClient(settings)));
}
