/** The product in one simulated process: its own dependencies, its handlers, and its reconciler. */
import type { Logger } from 'pino';
import type { SourceUser } from '#lib/archive/source.ts';
import { findKind } from '#lib/connectors/catalogue.ts';
import { PAGES_READ } from '#lib/imports/collect.ts';
import type { ImportDeps, ImportSettings } from '#lib/imports/deps.ts';
import type { Ledger } from '#lib/imports/ledger.ts';
import { ShardsAtWork } from '#lib/imports/shards-at-work.ts';
import { tick } from '#lib/imports/tick.ts';
import { AppTokenError, type AppTokens } from '#lib/microsoft/app-token.ts';
import { createGraph } from '#lib/microsoft/graph.ts';
import { type KeyRing, parseKeyRing } from '#lib/security/keyring.ts';
import type { BlobContainer } from '#lib/staging/azure.ts';
import { sealedBlobs } from '#lib/staging/sealed-blobs.ts';
import { processors } from '#workers/processors.ts';
import type { SimulatedBlobs } from './blobs.ts';
import type { SimulatedGraph } from './graph.ts';
import type { Manners, SimulatedProcess } from './process.ts';
import type { SimulatedQueue } from './queue.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimulatedSource } from './source.ts';
import type { Weather } from './weather.ts';
import { DatabaseGoneError, type Witness } from './witness.ts';

/** `no_roles`: the application is known and may do nothing; `gone`: it is not known */
export type Consent = 'given' | 'no_roles' | 'gone';

/** What all processes share. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly queue: SimulatedQueue;
  readonly graph: SimulatedGraph;
  readonly source: SimulatedSource;
  readonly blobs: SimulatedBlobs;
  readonly settings: ImportSettings;
  readonly weather: () => Weather;
  /** what the organization lets this application do */
  readonly consent: () => Consent;
  readonly concurrency: number;
  /** longest time between two looks of the reconciler, in milliseconds */
  readonly longestTickMs: () => number;
  readonly witness: Witness;
  /** the time between two looks of a reconciler now */
  readonly pace: { tickMs: number; readonly busyUntil: number; readonly inDoubt: () => boolean };
}

const KEY = Buffer.from(Array.from({ length: 32 }, (_, place) => (place * 37 + 11) % 251)).toString('base64');
export const keyRing: KeyRing = parseKeyRing(`simulated:${KEY}`);

const TOKEN_MS = 60 * 60_000;
/** Jobs of what is not simulated. */
const nothing = async (): Promise<void> => {};
/** msal asks for another before the old one has run out. */
const RENEW_MS = 5 * 60_000;
export const TICK_MS = 60_000;

/** What a token opens now: nothing, the door, or mailboxes too. It keeps what it could when it was issued. */
export function tokenOpens(token: string, now: number): 'nothing' | 'door' | 'mailboxes' {
  const [, issuedAt, roles] = token.split('.');
  if (now - Number(issuedAt) >= TOKEN_MS) return 'nothing';
  return roles === 'mail' ? 'mailboxes' : 'door';
}

/** Starts the product in a process. */
export function startMachine(process: SimulatedProcess, around: Surroundings): ImportDeps {
  const { scheduler, random, queue, graph, source, blobs, settings } = around;
  const tokens = tokensOf(process, around);
  const hosts = { graphUrl: 'https://graph.simulated', authority: '', graphScope: '', foreignHosts: [] };
  const client = createGraph({ hosts, tokens, tenantId: 'simulated', transport: graph.transport(process) });
  const archive = source.seenBy(process);
  let asked = 0;
  const deps: ImportDeps = {
    ledger: ledgerOf(process, around),
    clock: process.clock,
    random: () => random.next(),
    inTurn: (work) => work(),
    shardsAtWork: new ShardsAtWork(around.concurrency + 1),
    staging: sealedBlobs(blobs.seenBy(process) as BlobContainer),
    keyRing,
    settings,
    log: logOf(process, around),
    owner: process.name,
    source: () => archive,
    mailFacts: (kind) => {
      const facts = findKind(kind);
      if (!facts) throw new RangeError(kind);
      return { ...facts.mail, folderName: facts.folder };
    },
    mayWriteMail: async (organizationId) => (await tokens.token(organizationId, { fresh: true })).roles.length > 0,
    graph: () => client,
    notify: () => {},
    enqueue: (name, data, options) => {
      if (options?.onceInSeconds === undefined) asked++;
      if (scheduler.tracing) scheduler.say(`  ${process.name} asks for ${name} ${JSON.stringify(data)}`);
      // Never an error: what is to be done is in the ledger.
      const manners = { ...QUICK, effectMs: () => random.skewed(1, 20), answerMs: () => random.skewed(1, 20) };
      return process.call(`enqueue ${name}`, () => queue.add(name, data, options), manners);
    },
  };
  queue.consume(
    process,
    processors(deps, {
      verify: nothing,
      correct: nothing,
      compareMailboxes: nothing,
      clearDiscardedRows: nothing,
      tellPeople: nothing,
      verifyAudit: nothing,
      purge: nothing,
    }),
    around.concurrency,
  );
  const look = async (): Promise<void> => {
    const before = asked;
    await tick(deps).catch((error: unknown) => {
      scheduler.say(`  ${process.name} could not look: ${String(error)}`);
      around.witness.jobFails('the reconciler', error, false);
    });
    // Where nothing is to be done it comes round more seldom: days without work cost nothing.
    const { pace } = around;
    const quick = scheduler.now < pace.busyUntil ? TICK_MS : 10 * TICK_MS;
    pace.tickMs = asked === before ? Math.min(pace.tickMs * 4, around.longestTickMs()) : quick;
    // The end of an allowance is when it matters who looks.
    if (pace.inDoubt()) pace.tickMs = random.skewed(0.2, 1) * TICK_MS;
    if (!process.stopping.signal.aborted) process.clock.after(pace.tickMs, () => void look());
  };
  process.clock.after(random.skewed(1, TICK_MS), () => void look());
  return deps;
}

const QUICK: Manners = {
  effectMs: () => 1,
  answerMs: () => 1,
  lostBefore: 0,
  lostAfter: 0,
  broken: () => new Error('simulated'),
};

function ledgerOf(process: SimulatedProcess, { ledger, random, weather, witness }: Surroundings): Ledger {
  const manners = (): Manners => {
    const { lostBefore, lostAfter, slow } = weather().ledger;
    return {
      lostBefore,
      lostAfter,
      effectMs: () => (random.chance(slow) ? random.skewed(1000, 90_000) : random.skewed(0.5, 20)),
      answerMs: () => (random.chance(slow) ? random.skewed(1000, 30_000) : random.skewed(0.5, 20)),
      broken: () => new DatabaseGoneError(),
    };
  };
  const asked = Object.entries(ledger).map(([name, question]) => {
    const ask = question as unknown as (...given: readonly unknown[]) => Promise<unknown>;
    const effect = (given: readonly unknown[]): Promise<unknown> => {
      if (name === 'stopConnector') witness.stops(String(given[2]));
      return ask(...given);
    };
    const through = (...given: readonly unknown[]): Promise<unknown> => {
      const answer = process.call(`ledger ${name}`, () => effect(given), manners());
      if (name === 'stopConnector') answer.catch(() => witness.excuses(process.name));
      return answer;
    };
    return [name, through];
  });
  const proxy = Object.fromEntries(asked) as Ledger;
  return {
    ...proxy,
    // What is read from the source on the way is read by this process, and then written at one moment.
    syncSourceUsers: async (owner, users) => {
      const read: SourceUser[] = [];
      for await (const user of users) read.push(user);
      const again = async function* () {
        yield* read;
      };
      return proxy.syncSourceUsers(owner, again());
    },
  };
}

function tokensOf(process: SimulatedProcess, { scheduler, random, weather, consent }: Surroundings): AppTokens {
  let issuedAt = Number.NEGATIVE_INFINITY;
  let roles: readonly string[] = [];
  const issue = () => {
    if (consent() === 'gone') throw new AppTokenError('app_not_in_tenant', 'simulated');
    return { at: Math.floor(scheduler.now), roles: consent() === 'given' ? ['Mail.ReadWrite'] : [] };
  };
  const manners = (): Manners => ({
    effectMs: () => random.skewed(5, 200),
    answerMs: () => random.skewed(5, 200),
    lostBefore: weather().graph.notSent / 2,
    lostAfter: 0,
    broken: () => new AppTokenError('unreachable', 'simulated'),
  });
  return {
    clientId: 'simulated',
    token: async (tenantId, { fresh = false } = {}) => {
      if (fresh || scheduler.now - issuedAt > TOKEN_MS - RENEW_MS) {
        ({ at: issuedAt, roles } = await process.call('token', issue, manners()));
      }
      return {
        accessToken: `token.${issuedAt}.${roles.length > 0 ? 'mail' : 'none'}`,
        roles,
        tenantId,
        objectId: null,
      };
    },
  };
}

function logOf(process: SimulatedProcess, { scheduler, witness }: Surroundings): Logger {
  const line =
    (level: string) =>
    (facts: unknown, text?: string): void => {
      if (level === 'error') witness.logsError(text ?? '', facts);
      if (text === PAGES_READ) witness.handedOver += (facts as { readonly handedOver: number }).handedOver;
      if (scheduler.tracing) scheduler.say(`  ${process.name} ${level}: ${text ?? ''} ${JSON.stringify(facts)}`);
    };
  const log = { info: line('info'), warn: line('warn'), error: line('error'), child: (): unknown => log };
  return log as unknown as Logger;
}
