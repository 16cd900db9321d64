/**
 * What the engine is measured against: the least that an import must do so that what it says is true after a power cut,
 * and nothing else. Reads and parses the pages, seals each item and puts a blob a page, inserts the rows in sets, gets
 * and opens the blobs, marks the rows as sending in sets, posts `$batch` bodies that were made beforehand, and writes
 * what became of them in sets; every transaction is synced. No mapping, no directory, no leases, no counters, no repeats,
 * nothing that looks after a failure: it ends at the first one.
 *
 * `apart` does one part after the other, to say what each costs; `whole` runs them as a pipeline, which is what the
 * engine is compared with. A process of its own, as a worker is. Reads its task from stdin, prints its result.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import pg from 'pg';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { open, seal } from '#lib/security/sealing.ts';
import { batches } from '../graph-messages.ts';

const taskSchema = z.object({
  mode: z.enum(['apart', 'whole']),
  feed: z.string(),
  graph: z.string(),
  token: z.string(),
  database: z.string(),
  blob: z.string(),
  container: z.string(),
  keys: z.string(),
  caFile: z.string(),
  items: z.number(),
  targets: z.array(z.object({ user: z.string(), folder: z.string() })),
});
export type BareTask = z.infer<typeof taskSchema>;

/** seconds for all items; of parts only where they were done apart */
export const bareResultSchema = z.object({ seconds: z.number(), parts: z.record(z.string(), z.number()) });
export type BareResult = z.infer<typeof bareResultSchema>;

const PAGE = 500;
const BATCH = 20;
/** `$batch` requests under way, each for a mailbox of its own, as in the engine */
const IN_FLIGHT = 32;
/** deliveries whose rows are claimed, or settled, in one statement */
const SET = 400;
/** pages that may lie in staging and wait to be sent */
const PAGES_AHEAD = 4;
/** pages under way to staging and the database at once */
const PAGES_AT_ONCE = 2;

const pageSchema = z.object({
  items: z.array(z.object({ id: z.string(), archivedTime: z.string() }).loose()),
  nextCursor: z.string().nullable(),
});
const answerSchema = z.object({
  responses: z.array(z.object({ id: z.string(), status: z.literal(201), body: z.object({ id: z.string() }) })),
});

const TABLES = `
  CREATE TABLE bare_item (id bigint PRIMARY KEY, source_item_id text NOT NULL, sha256 bytea NOT NULL,
    archived_at timestamptz NOT NULL, page int NOT NULL, frame_offset int NOT NULL, frame_length int NOT NULL);
  CREATE TABLE bare_delivery (item_id bigint PRIMARY KEY, user_id uuid NOT NULL, state text NOT NULL,
    sending_until timestamptz, message_id text);`;

interface Page {
  readonly number: number;
  readonly items: z.infer<typeof pageSchema>['items'];
}
interface SealedPage extends Page {
  readonly places: readonly { readonly offset: number; readonly length: number }[];
  readonly blob: Buffer;
}

class BareLoop {
  readonly #task: BareTask;
  readonly #pool: pg.Pool;
  readonly #container: ContainerClient;
  readonly #ring: ReturnType<typeof parseKeyRing>;
  readonly #dispatcher = new Agent({ connections: 128 });
  /** made before the clock starts */
  readonly #bodies: readonly string[];

  constructor(task: BareTask) {
    this.#task = task;
    this.#pool = new pg.Pool({ connectionString: task.database, max: 8 });
    this.#container = BlobServiceClient.fromConnectionString(task.blob).getContainerClient(task.container);
    this.#ring = parseKeyRing(task.keys);
    this.#bodies = [...batches(task.targets, task.items)];
  }

  async run(): Promise<BareResult> {
    await this.#pool.query(TABLES);
    await this.#container.createIfNotExists();
    const began = performance.now();
    const parts = this.#task.mode === 'apart' ? await this.#apart() : await this.#whole();
    const seconds = (performance.now() - began) / 1_000;
    const { rows } = await this.#pool.query<{ done: string }>(
      `SELECT count(*) AS done FROM bare_delivery WHERE state = 'imported' AND message_id IS NOT NULL`,
    );
    if (Number(rows[0]?.done) !== this.#task.items) throw new Error(`only ${rows[0]?.done} were imported`);
    await this.#pool.end();
    await this.#dispatcher.close();
    return { seconds, parts };
  }

  async #apart(): Promise<Record<string, number>> {
    const parts: Record<string, number> = {};
    const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const began = performance.now();
      const result = await work();
      parts[name] = (performance.now() - began) / 1_000;
      return result;
    };
    const pages: Page[] = [];
    await timed('read and parse pages', async () => {
      for await (const page of this.#pages()) pages.push(page);
    });
    const sealed = await timed('seal', async () => pages.map((page) => this.#seal(page)));
    await timed('put blobs', () => atOnce(sealed, PAGES_AT_ONCE, (page) => this.#put(page)));
    await timed('insert rows', () => atOnce(sealed, PAGES_AT_ONCE, (page) => this.#insert(page)));
    await timed('get and open blobs', () => atOnce(sealed, PAGES_AT_ONCE, (page) => this.#open(page)));
    const sets = Array.from({ length: Math.ceil(this.#task.items / SET) }, (_, at) => at * SET);
    const endOf = (begin: number) => Math.min(this.#task.items, begin + SET);
    await timed('claim rows', () => atOnce(sets, PAGES_AT_ONCE, (begin) => this.#claim(begin, endOf(begin))));
    const ids: string[] = [];
    const bodies = this.#bodies.map((_, at) => at);
    await timed('post batches', () =>
      atOnce(bodies, IN_FLIGHT, async (at) => {
        const made = await this.#post(at);
        made.forEach((id, offset) => {
          ids[at * BATCH + offset] = id;
        });
      }),
    );
    await timed('settle rows', () =>
      atOnce(sets, PAGES_AT_ONCE, (begin) => this.#settle(begin, ids.slice(begin, endOf(begin)))),
    );
    return parts;
  }

  /** Pages go into staging while those before them are sent; results are written while further batches fly. */
  async #whole(): Promise<Record<string, number>> {
    const waiting: SealedPage[] = [];
    let collected = false;
    const collect = async (): Promise<void> => {
      const under = new Set<Promise<unknown>>();
      for await (const page of this.#pages()) {
        while (under.size >= PAGES_AT_ONCE) await Promise.race(under);
        while (waiting.length >= PAGES_AHEAD) await sleep(2);
        const sealed = this.#seal(page);
        const stored = this.#put(sealed)
          .then(() => this.#insert(sealed))
          .then(() => waiting.push(sealed))
          .finally(() => under.delete(stored));
        under.add(stored);
      }
      await Promise.all(under);
      collected = true;
    };
    const deliver = async (): Promise<void> => {
      const flying = new Set<Promise<unknown>>();
      const writing = new Set<Promise<unknown>>();
      // In their order: a mailbox has a batch in every fourth page, and two of them at once would be refused.
      for (let next = 0; !collected || waiting.length > 0; ) {
        const page = waiting.find(({ number }) => number === next);
        if (!page) {
          await sleep(2);
          continue;
        }
        waiting.splice(waiting.indexOf(page), 1);
        next += 1;
        const begin = page.number * PAGE;
        await Promise.all([this.#open(page), this.#claim(begin, begin + page.items.length)]);
        const ids: string[] = [];
        let open = Math.ceil(page.items.length / BATCH);
        for (let offset = 0; offset < page.items.length; offset += BATCH) {
          while (flying.size >= IN_FLIGHT) await Promise.race(flying);
          const flight = this.#post((begin + offset) / BATCH)
            .then((made) => {
              made.forEach((id, at) => {
                ids[offset + at] = id;
              });
              open -= 1;
              if (open > 0) return;
              const written = this.#settle(begin, ids).finally(() => writing.delete(written));
              writing.add(written);
            })
            .finally(() => flying.delete(flight));
          flying.add(flight);
        }
      }
      await Promise.all(flying);
      await Promise.all(writing);
    };
    await Promise.all([collect(), deliver()]);
    return {};
  }

  async *#pages(): AsyncGenerator<Page> {
    let cursor: string | null = null;
    let number = 0;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const url = `${this.#task.feed}/v1/archives/android-archiver/items?limit=${PAGE}${query}`;
      const answer = await request(url, { dispatcher: this.#dispatcher });
      const page = pageSchema.parse(await answer.body.json());
      yield { number, items: page.items };
      number += 1;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  #seal(page: Page): SealedPage {
    let offset = 0;
    const frames = page.items.map((item) => seal(this.#ring, Buffer.from(JSON.stringify(item)), `frame\0${item.id}`));
    const places = frames.map(({ length }) => {
      offset += length;
      return { offset: offset - length, length };
    });
    return { ...page, places, blob: Buffer.concat(frames, offset) };
  }

  async #put({ number, blob }: SealedPage): Promise<void> {
    await this.#container.getBlockBlobClient(`bare/${number}`).upload(blob, blob.length);
  }

  async #open({ number, items, places }: SealedPage): Promise<void> {
    const blob = await this.#container.getBlockBlobClient(`bare/${number}`).downloadToBuffer();
    for (const [at, item] of items.entries()) {
      const place = places[at];
      if (place)
        JSON.parse(
          open(this.#ring, blob.subarray(place.offset, place.offset + place.length), `frame\0${item.id}`).toString(),
        );
    }
  }

  async #insert({ number, items, places }: SealedPage): Promise<void> {
    const begin = number * PAGE;
    const { targets } = this.#task;
    await this.#pool.query(
      `WITH item AS (INSERT INTO bare_item SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::timestamptz[],
           $5::int[], $6::int[], $7::int[]))
       INSERT INTO bare_delivery (item_id, user_id, state) SELECT id, user_id, 'pending' FROM unnest($1::bigint[], $8::uuid[]) AS t (id, user_id)`,
      [
        items.map((_, at) => begin + at),
        items.map(({ id }) => id),
        items.map((item) => hash('sha256', JSON.stringify(item), 'buffer')),
        items.map(({ archivedTime }) => archivedTime),
        items.map(() => number),
        places.map(({ offset }) => offset),
        places.map(({ length }) => length),
        items.map((_, at) => targets[(begin + at) % targets.length]?.user),
      ],
    );
  }

  async #claim(begin: number, end: number): Promise<void> {
    await this.#pool.query(
      `UPDATE bare_delivery SET state = 'sending', sending_until = now() + interval '2 minutes'
       WHERE item_id >= $1 AND item_id < $2 AND state = 'pending'`,
      [begin, end],
    );
  }

  async #settle(begin: number, ids: readonly string[]): Promise<void> {
    await this.#pool.query(
      `UPDATE bare_delivery d SET state = 'imported', message_id = t.message_id
       FROM unnest($1::bigint[], $2::text[]) AS t (id, message_id) WHERE d.item_id = t.id AND d.state = 'sending'`,
      [ids.map((_, at) => begin + at), ids],
    );
  }

  /** @returns the messages' ids, in the order of the requests */
  async #post(batch: number): Promise<string[]> {
    const answer = await request(`${this.#task.graph}/v1.0/$batch`, {
      method: 'POST',
      dispatcher: this.#dispatcher,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#task.token}` },
      body: this.#bodies[batch] ?? '',
    });
    const said = await answer.body.text();
    const parsed = answerSchema.safeParse(JSON.parse(said));
    if (!parsed.success)
      throw new Error(`batch ${batch} was answered with ${answer.statusCode}: ${said.slice(0, 500)}`);
    const { responses } = parsed.data;
    const ids: string[] = [];
    for (const { id, body } of responses) ids[Number(id)] = body.id;
    return ids;
  }
}

async function atOnce<T>(all: readonly T[], many: number, work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = all.values();
  const drain = async (): Promise<void> => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: many }, drain));
}

if (import.meta.main) {
  const task = taskSchema.parse(JSON.parse(await text(process.stdin)));
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(task.caFile, 'utf8')]);
  console.log(JSON.stringify(await new BareLoop(task).run()));
}
