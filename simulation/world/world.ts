/**
 * One simulated import from beginning to end: a seed chooses the people, the source, the weather and every order; the
 * product runs through a storm of faults, then in calm until nothing is under way.
 */
import type { ImportSettings } from '#lib/imports/deps.ts';
import { createModelLedger, type ModelLedger } from '../ledger/ledger.ts';
import { SimulatedBlobs } from './blobs.ts';
import { SimulatedGraph } from './graph.ts';
import { type Archive, archiveOf } from './items.ts';
import { type Consent, type Surroundings, startMachine, TICK_MS, tokenOpens } from './machine.ts';
import { Microsoft365 } from './mailboxes.ts';
import { ACCOUNT_ID, DOMAIN, ORGANIZATION_ID, type Population, populationOf } from './people.ts';
import { SimulatedProcess } from './process.ts';
import { SimulatedQueue } from './queue.ts';
import { type Random, randomOf } from './random.ts';
import { RetryAfterWatch } from './retry-after.ts';
import { Scheduler } from './scheduler.ts';
import { SimulatedSource } from './source.ts';
import { CALM, type Weather, weatherOf } from './weather.ts';
import { Witness } from './witness.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** 2 March 2026, 00:00 UTC */
const FIRST_DAY = Date.UTC(2026, 2, 2);

export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly settings: ImportSettings;
  readonly population: Population;
  readonly cloud = new Microsoft365();
  readonly archive: Archive;
  readonly ledger: ModelLedger;
  readonly queue: SimulatedQueue;
  readonly source: SimulatedSource;
  readonly blobs: SimulatedBlobs;
  readonly sourceId: string;
  readonly startedAt: number;
  /** how long things go wrong, in milliseconds */
  readonly stormMs: number;
  readonly storm: Weather;
  /** how long it is calm at least: sweeps come after 24 and 48 hours, and each has to come round */
  readonly calmMs: number;
  readonly firstImportFrom: Date;
  calm = false;
  consent: Consent = 'given';
  /** so often something befell it */
  disturbances = 0;
  /** imports that somebody cancelled */
  readonly cancelled = new Set<string>();
  /** whether everything that failed is sent again when it is calm, and whether that was done */
  readonly retries: boolean;
  retried = false;
  /** whether its connector has a fallback mailbox now */
  hasFallback: boolean;
  connectorId: string;
  processes: SimulatedProcess[] = [];
  readonly witness: Witness;
  readonly #around: Surroundings;
  readonly #workers: number;
  #born = 0;

  constructor(seed: number, trace: ((line: string) => void) | null = null) {
    const random = randomOf(seed);
    this.random = random;
    this.startedAt = FIRST_DAY + random.whole(0, 24 * 60) * MINUTE;
    this.scheduler = new Scheduler(this.startedAt, random.fork(), trace);
    this.storm = weatherOf(random.fork());
    this.witness = new Witness(this.scheduler, this.storm);
    const { witness } = this;
    this.settings = settingsOf(random, this.storm);
    this.stormMs = random.skewed(20 * MINUTE, 50 * HOUR);
    this.calmMs = (random.chance(0.2) ? 56 : 26) * HOUR;
    this.retries = random.chance(0.5);
    this.population = populationOf(random.fork());
    this.hasFallback = this.population.fallback !== null;
    this.#workers = random.pick([1, 2, 2, 3]);
    const firstHours = random.whole(1, 24);
    this.firstImportFrom = new Date(this.startedAt - firstHours * HOUR);
    const hours = firstHours + this.stormMs / HOUR;
    this.archive = archiveOf(random.fork(), this.population.people, this.firstImportFrom.getTime(), hours);
    for (const user of this.population.users) this.cloud.addUser({ ...user });

    const weather = (): Weather => (this.calm ? CALM : this.storm);
    this.ledger = createModelLedger({ now: () => new Date(this.scheduler.now) });
    const lockSeconds = Math.min(30, this.settings.shardLeaseSeconds);
    this.queue = new SimulatedQueue(this.scheduler, random.fork(), lockSeconds, witness);
    this.blobs = new SimulatedBlobs(this.scheduler, random.fork(), () => weather().staging);
    this.source = new SimulatedSource({
      scheduler: this.scheduler,
      random: random.fork(),
      archive: this.archive,
      people: this.population.people,
      weather: () => weather().source,
      pageSize: random.whole(1, 8),
      witness,
    });
    const graph = new SimulatedGraph({
      scheduler: this.scheduler,
      random: random.fork(),
      cloud: this.cloud,
      weather: () => weather().graph,
      lateCommitSeconds: this.settings.lateCommitSeconds,
      tokenOpens: (token) => tokenOpens(token, this.scheduler.now),
      retryAfter: new RetryAfterWatch(
        () => this.scheduler.now,
        (url) => this.cloud.uploads.userOf(url),
        (violation) => witness.tell(violation),
      ),
    });
    this.#around = {
      scheduler: this.scheduler,
      random: random.fork(),
      ledger: this.ledger,
      queue: this.queue,
      graph,
      source: this.source,
      blobs: this.blobs,
      settings: this.settings,
      weather,
      consent: () => this.consent,
      concurrency: random.whole(1, 4),
      pace: { tickMs: TICK_MS, busyUntil: this.startedAt + 2 * HOUR, inDoubt: () => this.#inDoubt },
      witness,
      longestTickMs: () => (this.calm ? 6 * HOUR : HOUR),
    };
    this.ledger.addOrganization({ id: ORGANIZATION_ID, verifiedDomains: [DOMAIN] });
    this.sourceId = this.ledger.addSource({ organizationId: ORGANIZATION_ID, accountId: ACCOUNT_ID });
    this.connectorId = this.addConnector(this.firstImportFrom);
    this.applyMapping(false);
  }

  get #inDoubt(): boolean {
    return !this.calm && [...this.ledger.tables.deliveries].some(({ state }) => state === 'sending');
  }

  addConnector(firstImportFrom: Date): string {
    this.connectorId = this.ledger.addConnector({
      organizationId: ORGANIZATION_ID,
      sourceId: this.sourceId,
      firstImportFrom,
      scheduleMinute: this.random.whole(10, 239),
    });
    const { fallback } = this.population;
    if (fallback && this.hasFallback)
      this.ledger.setFallback(this.connectorId, { userId: fallback.id, address: fallback.mail });
    this.queue.add(
      'plan',
      { organizationId: ORGANIZATION_ID, connectorId: this.connectorId, trigger: 'first' },
      { key: this.connectorId },
    );
    return this.connectorId;
  }

  /** @param all also the rows that the first version lacks */
  applyMapping(all: boolean): void {
    const rows = this.population.people.flatMap(({ number, mapped, mappedLater }) =>
      mapped !== null && (all || !mappedLater) ? [{ number, mailbox: mapped }] : [],
    );
    this.ledger.applyMapping(this.connectorId, rows);
  }

  startProcess(): SimulatedProcess {
    const name = `worker-${++this.#born}`;
    const process = new SimulatedProcess(
      name,
      this.scheduler,
      this.random.fork(),
      this.random.whole(-120, 120) * SECOND,
    );
    this.scheduler.say(`${name} starts`);
    this.processes = [...this.processes.filter(({ alive }) => alive), process];
    startMachine(process, this.#around);
    return process;
  }

  /** Starts as many processes as there should be. */
  startAll(): void {
    for (let missing = this.#workers - this.processes.filter(({ alive }) => alive).length; missing > 0; missing--) {
      this.startProcess();
    }
  }
}

function settingsOf(random: Random, { graph }: Weather): ImportSettings {
  const graphTimeoutSeconds = random.pick([5, 10, 30, 60]);
  return {
    graphTimeoutSeconds,
    shardLeaseSeconds: graphTimeoutSeconds * random.pick([2, 3]),
    // A search may lag for a tenth of it.
    lateCommitSeconds: graph.lateAtTheEnd > 0.9 ? 600 : random.pick([30, 120, 600]),
    unmappedDomain: 'mobile.invalid',
    messageClass: null,
  };
}
