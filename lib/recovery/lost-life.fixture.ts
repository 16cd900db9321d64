/**
 * For integration tests: a life before a backup, one after it that is lost with a newer mapping, and what was restored. Nobody is
 * registered: a mailbox is known by a mapping, or because it had a copy.
 */
import pino from 'pino';
import { expect } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import type { TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { collect, mapNumbers, rememberMailboxes } from '../imports/ledger.fixture.ts';
import { readMailboxes } from '../imports/mailboxes.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from '../imports/scripted-source.fixture.ts';
import { BlobContainer } from '../staging/azure.ts';
import { connectStaging, containerClient } from '../staging/connect.ts';
import { confirmMapping } from './confirm.ts';
import { recoveringConnectors } from './standing.ts';
import { LedgerWatch } from './watch.ts';

const HOUR = 3_600_000;
export const [anna, bruno, carla, dana] = people as readonly [Person, Person, Person, Person, ...Person[]];
/** Bruno's when the backup is made. */
export const NUMBER = '+13125550142';
const OTHER = '+13125550143';

export class LostLife {
  readonly source: ScriptedSource = Object.assign(scriptedSource(), { users: async function* () {} });
  readonly #sandbox: TestSandbox;
  readonly #blob = testBlobConnection();
  readonly #first: string;
  readonly #engines: Engine[] = [];
  connectorId = '';

  private constructor(sandbox: TestSandbox, first: string) {
    this.#sandbox = sandbox;
    this.#first = first;
    this.source.settledThrough = new Date(Date.now() - 2 * HOUR);
  }

  static async begin(sandbox: TestSandbox): Promise<LostLife> {
    await control(sandbox, 'POST', 'reset');
    return new LostLife(sandbox, await testDatabase());
  }

  async end(): Promise<void> {
    await Promise.all(this.#engines.map((one) => one.close()));
  }

  async engineOn(connectionString: string, lateCommitSeconds = 1): Promise<Engine> {
    const settings = {
      ...{ shardLeaseSeconds: 20, graphTimeoutSeconds: 10, unmappedDomain: 'mobile.invalid', messageClass: null },
      lateCommitSeconds,
    };
    const started = await startEngine(this.#sandbox, {
      ...{ source: () => this.source, connectionString, staging: connectStaging(this.#blob), settings },
    });
    this.#engines.push(started);
    return started;
  }

  watchOf(connectionString: string): LedgerWatch {
    return new LedgerWatch(
      {
        connectionString,
        container: new BlobContainer(containerClient(this.#blob)),
        failoverLosesNothing: false,
        log: pino({ level: 'silent' }),
      },
      () => {},
    );
  }

  list(id: string, traits = {}): void {
    const to = { mobile: NUMBER, email: null, name: null };
    const archived = new Date(this.source.settledThrough.getTime() - 60_000);
    this.source.listed.push(sms(anna, archived, { id, recipients: [to], ...traits }));
  }

  /** Item ids by the mailbox's surname. */
  async held(engine: Engine): Promise<Record<string, string[]>> {
    const mailboxes = await readMailboxes(engine.graph);
    return Object.fromEntries(
      [anna, bruno, carla, dana].flatMap(({ surname, id }) => {
        const items = mailboxes.get(id)?.map(({ itemId }) => itemId) ?? [];
        return items.length === 0 ? [] : [[surname, items.sort()]];
      }),
    );
  }

  /** A mapping that is lost maps others, and messages go by it. */
  async liveOn(
    lost: Readonly<Record<string, string>>,
    send: () => void,
  ): Promise<{ readonly backup: string; readonly sent: Record<string, string[]> }> {
    const { source } = this;
    const engine = await this.engineOn(this.#first);
    const connectorId = await engine.connect({ automaticMapping: false });
    this.connectorId = connectorId;
    await rememberMailboxes(engine.database.pool, engine.organizationId, people);
    const annas = { [anna.mobile ?? '']: anna.mail ?? '' };
    // Carla is named by a version that was replaced long before the backup, and by none since.
    await mapNumbers(engine, connectorId, { ...annas, [OTHER]: carla.mail ?? '' });
    await mapNumbers(engine, connectorId, { ...annas, [NUMBER]: bruno.mail ?? '' });
    await this.watchOf(this.#first).look(0);
    this.list('before');
    await engine.finish();
    const backup = await testDatabase({ copyOf: this.#first });
    await mapNumbers(engine, connectorId, { ...annas, ...lost });
    await this.watchOf(this.#first).look(0);
    source.settledThrough = new Date(source.settledThrough.getTime() + HOUR / 4);
    send();
    await collect(engine, connectorId);
    await engine.finish();
    return { backup, sent: await this.held(engine) };
  }

  /** The mapping that is lost gives the number to Carla. */
  lostMapping(): ReturnType<LostLife['liveOn']> {
    const picture = attach(this.source, 'a.jpg', 'image/jpeg', Buffer.from('a picture'));
    return this.liveOn({ [NUMBER]: carla.mail ?? '' }, () => {
      this.list('after');
      this.list('picture', { type: 'mms', attachments: [picture] });
    });
  }

  /** Confirms the mapping of the backup, knowing that a newer one is lost. */
  async confirm(engine: Engine, without: number | null): Promise<void> {
    const [seen] = await recoveringConnectors(engine.database.pool);
    const confirmation = { connectorId: this.connectorId, versionId: seen?.mapping?.id ?? null, without };
    const admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
    expect(await confirmMapping(engine.deps, admin, confirmation)).toBe('done');
    expect(await confirmMapping(engine.deps, admin, confirmation)).toBe('unchanged');
  }
}

/** Rows of a restored database. */
export async function rowsOf(engine: Engine, sql: string): Promise<unknown[]> {
  return (await engine.database.pool.query(sql)).rows;
}
