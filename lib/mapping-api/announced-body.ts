/** What the headers say of a body before it is there, to hold against what arrives. */
import { digestOf } from '../mapping/file-digest.ts';

export interface AnnouncedBody {
  /** bytes; null where the body came in chunks */
  readonly length: number | null;
  /** by the algorithms that are known here (RFC 9530) */
  readonly digests: readonly { readonly algorithm: 'sha256' | 'sha512'; readonly base64: string }[];
}

const ALGORITHMS = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const;
/** A member of the dictionary of RFC 9530: a key, and a byte sequence of RFC 8941. */
const MEMBER = /^\s*(sha-256|sha-512)=:([A-Za-z0-9+/]*={0,2}):\s*$/;

/** @returns null where neither a length nor a digest is said. A digest that cannot be read is none. */
export function announcedBody(headers: Headers): AnnouncedBody | null {
  const said = headers.get('content-length');
  const length = said !== null && /^\d+$/.test(said) ? Number(said) : null;
  const digests = (headers.get('content-digest') ?? '').split(',').flatMap((member) => {
    const [, name, base64] = MEMBER.exec(member) ?? [];
    return name === undefined || base64 === undefined
      ? []
      : [{ algorithm: ALGORITHMS[name as keyof typeof ALGORITHMS], base64 }];
  });
  return length === null && digests.length === 0 ? null : { length, digests };
}

/** Whether everything that was announced is so. */
export async function isAnnounced(bytes: Uint8Array, { length, digests }: AnnouncedBody): Promise<boolean> {
  if (length !== null && length !== bytes.byteLength) return false;
  for (const { algorithm, base64 } of digests) {
    if (!Buffer.from(base64, 'base64').equals(await digestOf(algorithm, bytes))) return false;
  }
  return true;
}
