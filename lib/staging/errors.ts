/** What staging throws, besides `TamperedError` and `UnknownKeyError` of `security/sealing.ts`. Messages carry names, never content. */

/** Nothing lies under this name: it was deleted, or never committed. */
export class StagedContentMissingError extends Error {
  override name = 'StagedContentMissingError';
  readonly blob: string;
  constructor(blob: string) {
    super(`No staged content under ${blob}`);
    this.blob = blob;
  }
}

/** Another writer was here first. What it wrote is untouched; ours is not there. */
export class StagedNameTakenError extends Error {
  override name = 'StagedNameTakenError';
  readonly blob: string;
  constructor(blob: string) {
    super(`Staged content under ${blob} was written by another writer`);
    this.blob = blob;
  }
}

/** An attachment over the stated limit. Nothing of it was kept. */
export class AttachmentTooLargeError extends Error {
  override name = 'AttachmentTooLargeError';
  readonly limitBytes: number;
  constructor(limitBytes: number) {
    super(`The attachment is larger than ${limitBytes / (1024 * 1024)} MB`);
    this.limitBytes = limitBytes;
  }
}

/** The storage account answered nothing useful, also after the SDK's own tries. Worth trying again later. */
export class StagingUnavailableError extends Error {
  override name = 'StagingUnavailableError';
}

/** The storage account refused: the credential, its role or the settings must be put right. */
export class StagingRefusedError extends Error {
  override name = 'StagingRefusedError';
}
