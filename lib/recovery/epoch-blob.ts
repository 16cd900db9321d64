/** How far the ledger has counted, as the storage keeps it: what a database that was restored cannot take back. */
import { z } from 'zod';
import type { BlobContainer } from '../staging/azure.ts';
import { StagedContentMissingError, StagedNameTakenError } from '../staging/errors.ts';

/** Beside the folders of organizations, whose names are UUIDs: no sweep lists it. */
export const EPOCH_BLOB = 'ledger-epoch.json';

const markSchema = z.object({
  epoch: z.string().regex(/^\d{1,18}$/),
  /** ISO 8601 in UTC, by the database's clock */
  at: z.iso.datetime(),
  /** `ledger_home()` of the database that counted */
  home: z.string(),
  /** by connector, the number of the mapping version in force: what a restore takes back must not go without a word */
  mappings: z.record(z.guid(), z.number().int()),
});

/** What the storage knows of the ledger. */
export interface EpochMark {
  readonly epoch: bigint;
  readonly at: Date;
  readonly home: string;
  /** by connector, the number of the mapping version in force */
  readonly mappings: Readonly<Record<string, number>>;
}

export interface ReadMark {
  readonly mark: EpochMark;
  readonly etag: string;
}

/** Null where there is none, or nothing that can be read. @throws StagingUnavailableError, StagingRefusedError */
export async function readMark(container: BlobContainer): Promise<ReadMark | null> {
  try {
    const { body, etag } = await container.open(EPOCH_BLOB, 0);
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    const parsed = markSchema.safeParse(jsonOf(Buffer.concat(parts).toString('utf8')));
    if (!parsed.success) return null;
    const { epoch, at, home, mappings } = parsed.data;
    return { mark: { epoch: BigInt(epoch), at: new Date(at), home, mappings }, etag };
  } catch (error) {
    if (error instanceof StagedContentMissingError) return null;
    throw error;
  }
}

/**
 * Replaces the mark that was read, and no other: a worker that slept must not put an older one in place of a newer.
 *
 * @param read null: none could be read
 * @throws StagingUnavailableError, StagingRefusedError
 */
export async function writeMark(container: BlobContainer, mark: EpochMark, read: ReadMark | null): Promise<void> {
  const { epoch, at, home, mappings } = mark;
  const text = JSON.stringify({ epoch: String(epoch), at: at.toISOString(), home, mappings } satisfies z.infer<
    typeof markSchema
  >);
  try {
    await container.write(EPOCH_BLOB, Buffer.from(text), read === null ? 'replace' : { etag: read.etag });
  } catch (error) {
    // Another worker wrote its own since.
    if (!(error instanceof StagedContentMissingError || error instanceof StagedNameTakenError)) throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
