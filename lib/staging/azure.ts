/**
 * A container of Azure Blob Storage, reduced to what staging needs, with its answers turned into staging's errors. The
 * SDK tries again by itself. The container is made when the first write finds it missing, and not before: a role on an
 * existing container does not allow to create one.
 */
import { randomBytes } from 'node:crypto';
import { type ContainerClient, isRestError } from '@azure/storage-blob';
import { TamperedError } from '#lib/security/sealing.ts';
import { type SpanPlan, traced } from '#lib/tracing/tracing.ts';
import {
  StagedContentMissingError,
  StagedNameTakenError,
  StagingRefusedError,
  StagingUnavailableError,
} from './errors.ts';

export interface OpenedBlob {
  readonly body: AsyncIterable<Uint8Array>;
  /** of the whole blob, whatever part `body` is */
  readonly totalBytes: number;
  readonly etag: string;
}

export interface StagedBlob {
  readonly name: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

interface DownloadedPart {
  readonly stream: NodeJS.ReadableStream;
  readonly etag: string;
  readonly totalBytes: number;
  readonly offset: number;
  readonly end: number;
}

const WRITE: SpanPlan = { name: 'PUT blob', kind: 'client', facts: { 'http.request.method': 'PUT' } };
const READ: SpanPlan = { name: 'GET blob', kind: 'client', facts: { 'http.request.method': 'GET' } };

/** How often one reading may be taken up again. */
const RESUMPTIONS = 5;

/**
 * What lies under a name already: `keep` refuses to touch it, `replace` puts the new content in its place at once, an etag
 * only where that is still what lies there.
 */
export type IfPresent = 'keep' | 'replace' | { readonly etag: string };

export interface BlockWriting {
  stage(bytes: Uint8Array): Promise<void>;
  /** Only now does the blob appear, whole. Blocks that are never committed are dropped by the service. */
  commit(): Promise<void>;
}

export class BlobContainer {
  readonly #client: ContainerClient;

  constructor(client: ContainerClient) {
    this.#client = client;
  }

  /** One request. @throws StagedNameTakenError with `keep` when something lies there, StagedContentMissingError with an etag when something else does */
  async write(name: string, bytes: Uint8Array, ifPresent: IfPresent, signal?: AbortSignal): Promise<void> {
    const blob = this.#client.getBlockBlobClient(name);
    const writeId = randomBytes(16).toString('hex');
    try {
      await this.#creatingContainer(name, () =>
        traced(WRITE, () =>
          blob.upload(bytes, bytes.length, {
            conditions: unless(ifPresent),
            metadata: { writeid: writeId },
            abortSignal: signal,
          }),
        ),
      );
    } catch (error) {
      // When the answer to a write was lost, the SDK's second try meets the first one's blob.
      if (error instanceof StagedNameTakenError && (await this.#writeIdOf(name)) === writeId) return;
      throw error;
    }
  }

  /** @throws from `commit` StagedNameTakenError when another writer committed meanwhile, or with `keep` ever */
  startBlocks(name: string, ifPresent: IfPresent, signal?: AbortSignal): BlockWriting {
    const blob = this.#client.getBlockBlobClient(name);
    const writeId = randomBytes(16).toString('hex');
    const blockIds: string[] = [];
    return {
      stage: async (bytes) => {
        const blockId = Buffer.from(`${writeId}-${String(blockIds.length).padStart(6, '0')}`).toString('base64');
        blockIds.push(blockId);
        await this.#creatingContainer(name, () =>
          traced(WRITE, () => blob.stageBlock(blockId, bytes, bytes.length, { abortSignal: signal })),
        );
      },
      commit: async () => {
        const metadata = { writeid: writeId };
        try {
          await this.#named(name, () =>
            blob.commitBlockList(blockIds, { conditions: unless(ifPresent), metadata, abortSignal: signal }),
          );
        } catch (error) {
          if (error instanceof StagedNameTakenError && (await this.#writeIdOf(name)) === writeId) return;
          throw error;
        }
      },
    };
  }

  /**
   * @throws StagedContentMissingError
   * @throws TamperedError when the blob ends before the range does
   */
  async readRange(name: string, offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    if (length === 0) return Buffer.alloc(0);
    const opened = await this.open(name, offset, { length, signal });
    const parts: Uint8Array[] = [];
    let read = 0;
    for await (const part of opened.body) {
      parts.push(part);
      read += part.length;
    }
    if (read !== length) throw new TamperedError(`Staged content under ${name}`);
    return Buffer.concat(parts, length);
  }

  /**
   * Streams from `offset` on. A connection that breaks is taken up again where it broke, for the same writing only.
   *
   * @throws StagedContentMissingError, also when the blob no longer has the etag asked for
   */
  async open(
    name: string,
    offset: number,
    options: { length?: number; etag?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<OpenedBlob> {
    const part = await traced(READ, () => this.#download(name, offset, options));
    return { body: this.#resuming(name, part, options.signal), totalBytes: part.totalBytes, etag: part.etag };
  }

  /** @returns false when nothing was there */
  async delete(name: string): Promise<boolean> {
    const response = await this.#named(name, () => this.#client.getBlockBlobClient(name).deleteIfExists());
    return response.succeeded;
  }

  /** Committed blobs only, by name. Nothing when the container does not exist. */
  async *list(prefix: string): AsyncGenerator<StagedBlob> {
    try {
      for await (const blob of this.#client.listBlobsFlat({ prefix })) {
        const { contentLength, lastModified } = blob.properties;
        yield { name: blob.name, size: contentLength ?? 0, modifiedAt: lastModified };
      }
    } catch (error) {
      const named = nameError(error, prefix);
      if (!(named instanceof StagedContentMissingError)) throw named;
    }
  }

  async #writeIdOf(name: string): Promise<string | undefined> {
    const properties = await this.#named(name, () => this.#client.getBlockBlobClient(name).getProperties());
    return properties.metadata?.writeid;
  }

  async #download(
    name: string,
    offset: number,
    { length, etag: wanted, signal }: { length?: number; etag?: string; signal?: AbortSignal | undefined },
  ): Promise<DownloadedPart> {
    const response = await this.#named(name, () =>
      this.#client.getBlockBlobClient(name).download(offset, length, {
        conditions: wanted === undefined ? {} : { ifMatch: wanted },
        maxRetryRequests: 0,
        abortSignal: signal,
      }),
    );
    const { readableStreamBody: stream, etag, contentLength, contentRange } = response;
    if (stream === undefined || etag === undefined || contentLength === undefined) {
      throw new StagingUnavailableError(`Azure Blob Storage: incomplete answer for ${name}`);
    }
    const totalBytes = contentRange === undefined ? contentLength : Number(contentRange.split('/')[1]);
    return { stream, etag, totalBytes, offset, end: offset + contentLength };
  }

  /** The SDK takes a dropped connection for an abort by its caller and gives up, so that is ours to do. */
  async *#resuming(name: string, first: DownloadedPart, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const { etag, end } = first;
    let { stream, offset } = first;
    for (let resumed = 0; ; resumed += 1) {
      try {
        for await (const part of stream) {
          const bytes = typeof part === 'string' ? Buffer.from(part) : part;
          offset += bytes.length;
          yield bytes;
        }
        return;
      } catch (error) {
        if (signal?.aborted) throw error;
        if (offset >= end) return;
        if (resumed === RESUMPTIONS)
          throw new StagingUnavailableError(`Azure Blob Storage: ${name} keeps breaking off`);
      }
      ({ stream } = await this.#download(name, offset, { length: end - offset, etag, signal }));
    }
  }

  async #creatingContainer<T>(name: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isRestError(error) || error.code !== 'ContainerNotFound') throw nameError(error, name);
    }
    await this.#named(name, () => this.#client.createIfNotExists());
    return await this.#named(name, write);
  }

  async #named<T>(name: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw nameError(error, name);
    }
  }
}

function unless(ifPresent: IfPresent): { ifNoneMatch?: string; ifMatch?: string } {
  if (ifPresent === 'replace') return {};
  return ifPresent === 'keep' ? { ifNoneMatch: '*' } : { ifMatch: ifPresent.etag };
}

/**
 * Error codes: learn.microsoft.com/rest/api/storageservices/blob-service-error-codes. The SDK's error is not passed on
 * as a cause: it carries the request with its bearer token, which would end in a log.
 */
function nameError(error: unknown, name: string): unknown {
  if (!isRestError(error)) return error;
  const { statusCode, code } = error;
  if (code === 'BlobAlreadyExists' || code === 'InvalidBlockList') return new StagedNameTakenError(name);
  if (statusCode === 404 || statusCode === 412) return new StagedContentMissingError(name);
  if (statusCode === 416) return new TamperedError(`Staged content under ${name}`);
  const requestId = error.response?.headers.get('x-ms-request-id');
  const said = [code ?? 'no answer', statusCode, requestId].filter((part) => part !== undefined).join(', ');
  const refused = statusCode !== undefined && statusCode < 500 && statusCode !== 408 && statusCode !== 429;
  const message = `Azure Blob Storage: ${said}`;
  return refused ? new StagingRefusedError(message) : new StagingUnavailableError(message);
}
