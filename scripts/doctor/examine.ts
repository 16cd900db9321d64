/** Every check of an installation, in the order in which one needs the other, with the parts that its environment names. */

import { reach } from '#lib/archive/telemessage/reach.ts';
import { telemessageSource } from '#lib/archive/telemessage/source.ts';
import { connectAnchorStore } from '#lib/audit/anchor-store.ts';
import { mailFacts, microsoft, stagingSettings } from '#lib/connectors/composition.ts';
import { database } from '#lib/db.ts';
import type { Env } from '#lib/env.ts';
import { createDownload } from '#lib/microsoft/download.ts';
import { createGraph } from '#lib/microsoft/graph.ts';
import { BlobContainer } from '#lib/staging/azure.ts';
import { containerClient } from '#lib/staging/connect.ts';
import { meantMailboxes } from './consent-mode.ts';
import { examineDatabase } from './database.ts';
import { examineExchangeRoles } from './exchange-roles.ts';
import { codeOf, type Examination } from './finding.ts';
import { examineKeys } from './keys.ts';
import { examineLedger } from './ledger.ts';
import { examineMailbox } from './mailbox.ts';
import { examineConsent, examineSignIn } from './microsoft.ts';
import { examineRedis } from './redis.ts';
import type { Asked } from './report.ts';
import { examineStorage } from './storage.ts';
import { examineSource } from './telemessage.ts';

/** What is written and asked for is this kind's; the others differ by the names of folder, class and archive. */
const KIND = 'android-archiver';
/** Longest wait for TeleMessage's host. */
const REACH_MS = 10_000;

/** @param password of `asked.telemessageUser`, a secret */
export async function* examine(asked: Asked, settings: Env, password: string | undefined): Examination {
  yield* examineDatabase(settings.DATABASE_URL);
  yield* examineRedis(settings.REDIS_URL, settings.REDIS_PREFIX);
  yield* examineStorage(
    new BlobContainer(containerClient(stagingSettings())),
    { staging: settings.STAGING_CONTAINER, anchors: settings.AUDIT_ANCHOR_CONTAINER },
    connectAnchorStore({ ...stagingSettings(), container: settings.AUDIT_ANCHOR_CONTAINER }),
  );
  yield* examineLedger(
    settings.DATABASE_URL,
    new BlobContainer(containerClient(stagingSettings())),
    settings.DATABASE_FAILOVER === 'loses-nothing',
  );
  yield* examineKeys(database().pool, settings, new Date());
  yield* examineMicrosoft(asked, settings);
  yield* examineSource({
    host: new URL(settings.TELEMESSAGE_URL).host,
    reach: () => reach(settings.TELEMESSAGE_URL, AbortSignal.timeout(REACH_MS)),
    source:
      asked.telemessageUser === null || password === undefined
        ? null
        : sourceOf(settings, asked.telemessageUser, password),
  });
}

async function* examineMicrosoft(asked: Asked, settings: Env): Examination {
  try {
    microsoft();
  } catch (error) {
    yield {
      about: 'Credential of the app registration',
      result: 'wrong',
      found: `ENTRA_CLIENT_CERTIFICATE names a file that cannot be used (${codeOf(error)}).`,
      toDo: 'It must be a PEM file with a certificate and its private key, which this user may read.',
    };
    return;
  }
  const parts = { ...microsoft(), graphOf: (tenantId: string) => createGraph({ ...microsoft(), tenantId }) };
  const { NEXTAUTH_URL: portal, ENTRA_CLIENT_ID: clientId, ORGANIZATIONS: organizations } = settings;
  yield* examineSignIn(parts, { portal, clientId, organizations });
  const ofMailboxes = asked.organization ?? organizations[0];
  for (const organization of organizations) {
    if (asked.organization !== null && organization !== asked.organization) continue;
    const mailboxes = organization === ofMailboxes ? asked.mailboxes : [];
    const { finding, ...meant } = await meantMailboxes(database().pool, organization, mailboxes, asked.chosenMailboxes);
    if (finding !== null) yield finding;
    yield* examineConsent(parts, organization, meant);
    yield* examineExchangeRoles(createGraph({ ...microsoft(), tenantId: organization, version: 'beta' }));
    const graph = parts.graphOf(organization);
    const facts = mailFacts(KIND);
    const mail = {
      graph,
      download: createDownload({ ...microsoft(), tenantId: organization }),
      facts: { ...facts, messageClass: settings.MESSAGE_CLASS ?? facts.messageClass },
      unmappedDomain: settings.UNMAPPED_DOMAIN,
    };
    for (const mailbox of mailboxes) yield* examineMailbox(mail, mailbox);
  }
}

const sourceOf = (settings: Env, username: string, password: string) =>
  telemessageSource({
    baseUrl: settings.TELEMESSAGE_URL,
    kind: KIND,
    credentials: async () => ({ username, password }),
  });
