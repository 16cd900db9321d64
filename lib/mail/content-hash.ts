/**
 * A hash over exactly what can be read back from a mailbox, so that a copy can be shown to be what was written. It goes
 * into the message as a header, and into the evidence.
 */
import { withLineFeeds } from './body.ts';
import { sha256 } from './sha256.ts';

/** As Graph gives them back. */
export interface ReadableContent {
  readonly internetMessageId: string;
  readonly subject: string;
  readonly fromAddress: string;
  readonly toAddresses: readonly string[];
  readonly sentAt: Date;
  /** the content of a text body. Null for HTML, which Exchange rewrites: its text is in an attachment beside it */
  readonly text: string | null;
  readonly attachments: readonly { readonly name: string; readonly sha256: string }[];
}

/**
 * 64 hexadecimal digits. Left out is what Exchange does not keep as it was: display names (the directory replaces them),
 * case and order of addresses, the order of attachments, fractions of a second, the kind of newline, and white space at
 * the end of the body.
 */
export function contentHash(content: ReadableContent): string {
  const attachments = content.attachments.map(({ name, sha256: digest }) => `${digest} ${name}`).sort();
  return sha256(
    JSON.stringify([
      content.internetMessageId,
      content.subject.trim(),
      content.fromAddress.toLowerCase(),
      content.toAddresses.map((address) => address.toLowerCase()).sort(),
      Math.floor(content.sentAt.getTime() / 1000),
      content.text === null ? null : withLineFeeds(content.text).trimEnd(),
      attachments,
    ]),
  );
}
