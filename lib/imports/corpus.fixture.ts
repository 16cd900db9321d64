/** A corpus of real messages, imported and read back: what the test does with some of it and `npm run corpus` with all. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { textOfBody, withLineFeeds } from '../mail/body.ts';
import type { Engine } from './engine.fixture.ts';
import { countOwed, differences, readFeed, readMailboxes } from './mailboxes.fixture.ts';

/** The NUS SMS corpus, beside the project; it is not part of it. */
export const CORPUS_FILE = resolve('../shared/data/nus-sms-corpus/smsCorpus_en_xml_2015.03.09_all.zip');

/** Why the corpus cannot be used; null where it can. */
export function corpusMissing(): string | null {
  return existsSync(CORPUS_FILE) ? null : `The corpus is not there: ${CORPUS_FILE}`;
}

export interface CorpusResult {
  /** items in the feed */
  readonly items: number;
  /** copies that the mailboxes must hold */
  readonly copies: number;
  /** what is missing, surplus or double, a line each */
  readonly wrongCopies: readonly string[];
  /** messages whose text is not that of their item, after newlines are normalized */
  readonly wrongTexts: readonly string[];
}

/** Compares every mailbox with the feed. */
export async function compareWithFeed(engine: Engine, connectorId: string): Promise<CorpusResult> {
  const items = await readFeed(engine.source, await engine.windows(connectorId));
  const mailboxes = await readMailboxes(engine.graph);
  const wrongTexts: string[] = [];
  for (const [userId, messages] of mailboxes) {
    for (const { itemId, body } of messages) {
      const item = items.get(itemId);
      const text = item && textOfBody(body, item.type);
      if (text !== withLineFeeds(item?.text ?? '')) wrongTexts.push(`${userId} ${itemId}`);
    }
  }
  return { items: items.size, copies: countOwed(items), wrongCopies: differences(items, mailboxes), wrongTexts };
}
