/**
 * Sets the first sample connector up through the use-cases that the wizard's pages call, and watches its first import.
 * Prints a line for each thing it is at; demo/sample.ts shows them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { setUpParts } from '#lib/connectors/composition.ts';
import * as setUp from '#lib/connectors/set-up/use-cases.ts';
import { TERMS } from '#lib/connectors/terms.ts';
import { database } from '#lib/db.ts';
import { type Counts, countsOf } from '#lib/imports/counts.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { readCounters } from '#lib/imports/store/counters.ts';
import { closeLimits } from '#lib/limits/composition.ts';
import { closeQueues } from '#lib/queue/producer.ts';
import type { Actor } from '#lib/security/actor.ts';
import { administrationAccounts } from '#sandbox/telemessage/accounts.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { Person } from '#sandbox/world/people.ts';

const KIND = 'android-archiver';
const POLL_MS = 500;
/** Longer than that nobody waits for the address: the rest is watched on the Connectors tab. */
const WATCH_MS = 60_000;

try {
  console.log(await sampleConnector());
} finally {
  await closeQueues();
  closeLimits();
  await database().prisma.$disconnect();
  await database().pool.end();
}

/** @returns what there is in the end, for the terminal */
async function sampleConnector(): Promise<string> {
  const existing = await liveConnector();
  const connectorId = existing ?? (await setUpConnector());
  if (existing !== null && (await openImports(existing)) === 0) return 'was set up before';
  return watch(connectorId);
}

async function setUpConnector(): Promise<string> {
  const parts = setUpParts();
  const actor = actorOf(personWith((one) => one.appRoles.includes('DataConnectors.Admin')));
  const account = administrationAccounts.find(
    ({ tenantId, state, kinds }) => tenantId === alderByrne.id && state === 'good' && kinds.includes(KIND),
  );
  if (!account) throw new Error('the sandbox has no TeleMessage account for the sample');

  const started = await setUp.startDraft(parts, actor, { kind: KIND });
  if (started.kind !== 'draft') throw new Error(started.kind);
  const draftId = started.draft.id;
  console.log('accepts the terms of service');
  expectKind(await setUp.acceptTerms(parts, actor, { draftId, version: TERMS.version }), 'accepted');
  console.log('signs in to TeleMessage');
  const { username, password } = account;
  const login = expectKind(await setUp.loginToSource(parts, actor, { draftId, username, password }), 'connected');
  console.log(`maps ${login.registeredUsers} registered users by their e-mail addresses`);
  expectKind(await setUp.saveMapping(parts, actor, { draftId, automatic: true, defaultRegion: 'US' }), 'saved');
  console.log('is given admin consent');
  const asked = expectKind(await setUp.requestConsent(parts, actor, { draftId }), 'asked');
  expectKind(await setUp.completeConsent(parts, await consentAs(consentingPerson(), asked.url)), 'given');
  expectKind(await setUp.finish(parts, actor, { draftId, firstImportFrom: null }), 'finished');
  return draftId;
}

function expectKind<T extends { readonly kind: string }, K extends T['kind']>(
  result: T,
  kind: K,
): Extract<T, { kind: K }> {
  if (!isKind(result, kind)) throw new Error(`expected ${kind}, and it was ${result.kind}`);
  return result;
}

function isKind<T extends { readonly kind: string }, K extends T['kind']>(
  result: T,
  kind: K,
): result is Extract<T, { kind: K }> {
  return result.kind === kind;
}

/** Accepts on the sandbox's consent page as that person would, and returns what comes back to the portal. */
async function consentAs(person: Person, consentUrl: string): Promise<URLSearchParams> {
  const page = new URL(consentUrl);
  page.searchParams.set('by', person.id);
  const response = await fetch(page, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: page.origin },
    body: new URLSearchParams({ decision: 'accept' }),
  });
  const location = response.headers.get('location');
  if (response.status !== 303 || location === null) throw new Error(`the consent page answered ${response.status}`);
  return new URL(location).searchParams;
}

function consentingPerson(): Person {
  return personWith((one) => one.directoryRoles.includes('Privileged Role Administrator'));
}

function personWith(applies: (person: Person) => boolean): Person {
  const person = alderByrne.people.find(applies);
  if (!person) throw new Error('the sandbox has no such person');
  return person;
}

function actorOf(person: Person): Actor {
  return {
    organizationId: alderByrne.id,
    userId: person.id,
    name: person.displayName,
    address: person.userPrincipalName,
    roles: ['DataConnectors.Admin'],
  };
}

async function liveConnector(): Promise<string | null> {
  const found = await database().prisma.connector.findFirst({
    where: { organizationId: alderByrne.id, kind: KIND, status: 'live' },
    select: { id: true },
  });
  return found?.id ?? null;
}

async function openImports(connectorId: string): Promise<number> {
  return database().prisma.import.count({
    where: { organizationId: alderByrne.id, connectorId, phase: { notIn: ['completed', 'cancelled'] } },
  });
}

/** Prints the numbers until every import of the connector is complete, it stopped, or it is worth looking at meanwhile. */
async function watch(connectorId: string): Promise<string> {
  const started = Date.now();
  for (;;) {
    const { stoppedReason, imports } = await database().prisma.connector.findUniqueOrThrow({
      where: { id: connectorId, organizationId: alderByrne.id },
      select: { stoppedReason: true, imports: { select: { id: true, phase: true } } },
    });
    if (stoppedReason !== null) return `stopped: ${reasonOf(stoppedReason).sentence}`;
    const counts = countsOf(
      await readCounters(
        database().pool,
        imports.map(({ id }) => id),
      ),
    );
    const complete = imports.length > 0 && imports.every(({ phase }) => phase === 'completed' || phase === 'cancelled');
    if (complete) return summary(counts);
    if (Date.now() - started > WATCH_MS) return `${summary(counts)}; the import goes on`;
    const { items, copies } = counts;
    console.log(
      `imports: ${items.listed} items from source, ${copies.imported + copies.partiallyImported} of ${copies.available} copies in mailboxes`,
    );
    await pause(POLL_MS);
  }
}

function summary({ items, copies }: Counts): string {
  return `${items.listed} items from source, ${copies.imported + copies.partiallyImported} copies in mailboxes, ${items.waiting} items waiting for mapping`;
}
