/**
 * What an installation of some size needs, from what an item was measured to cost. Pure. `docs/scale.md` says where each
 * constant comes from, and shows what comes out.
 */

/** Measured by `npm run bench:import` and `npm run bench:size`; the dearer where two runs differ. */
export const MEASURED = {
  /** microseconds of processor for an item and its one copy (docs/performance.md; PostgreSQL with a ledger of 84 months) */
  workerMicros: 220,
  postgresMicros: 165,
  /** items a second that one connector collects */
  collectedASecond: 13_481,
  /** MB, the most that a worker process ever had */
  workerMb: 736,
  /** bytes in PostgreSQL with indexes, as an import leaves them, and without a gap */
  itemBytes: { left: 491, least: 364 },
  copyBytes: { left: 1_069, least: 547 },
  /** of the two the rows that say which items were seen, in one table for all months */
  identityBytes: 169,
  /** bytes of write-ahead log for an item and its copy */
  walBytes: 4_199,
  /** bytes of staging for a text message */
  stagedBytes: 745,
  /** MB that Redis had under an import, when it was empty before, and bytes for a job that waits */
  redisMb: 2.3,
  jobBytes: 1_037,
} as const;

/** Microsoft's, for one app, messages a second. A message in a batch counts as one request. */
export const GRAPH_A_SECOND = 2_000;

/** Of the product. */
export const SHARDS = 32;

/** What nobody can measure but who has the phones. */
export interface Assumptions {
  readonly phones: number;
  readonly itemsAPhoneADay: number;
  /** mailboxes that an item is owed to, on average */
  readonly copiesAnItem: number;
  /** KB of attachments for each item, on average over all, those without one too */
  readonly attachmentKbAnItem: number;
  readonly years: number;
}

export const ASSUMED: Omit<Assumptions, 'phones'> = {
  itemsAPhoneADay: 60,
  copiesAnItem: 1.5,
  attachmentKbAnItem: 15,
  years: 7,
};

export interface Needs {
  readonly itemsADay: number;
  readonly copiesADay: number;
  /** hours a day at the least, by Graph's limit for one app */
  readonly graphHours: number;
  /** hours a day in which the source is read */
  readonly collectHours: number;
  /** processor hours a day */
  readonly workerHours: number;
  readonly postgresHours: number;
  /** processors that all workers together use while Graph's limit is met */
  readonly workerCoresAtLimit: number;
  /** GB a day */
  readonly walGb: number;
  readonly ledgerGbADay: { readonly least: number; readonly left: number };
  /** TB when the first month goes again */
  readonly ledgerTb: { readonly least: number; readonly left: number };
  /** TB of the one table that has no partitions, and its rows in thousands of millions */
  readonly identityTb: number;
  readonly identityRows: number;
  /** GB of the largest partition: copies of a month */
  readonly partitionGb: number;
  /** GB a day put into staging; nearly as much is read */
  readonly stagedGb: number;
  /** GB a day sent to Graph, attachments as base64 */
  readonly sentGb: number;
  readonly redisMb: number;
}

/** A copy is counted as dear as an item with its copy was measured to be: dearer than it is. */
export function needsOf(given: Assumptions): Needs {
  const itemsADay = given.phones * given.itemsAPhoneADay;
  const copiesADay = itemsADay * given.copiesAnItem;
  const days = given.years * 365;
  const ledger = (kind: 'least' | 'left'): number =>
    (itemsADay * MEASURED.itemBytes[kind] + copiesADay * MEASURED.copyBytes[kind]) / 1e9;
  const attachmentBytes = given.attachmentKbAnItem * 1e3;
  return {
    itemsADay,
    copiesADay,
    graphHours: copiesADay / GRAPH_A_SECOND / 3_600,
    collectHours: itemsADay / MEASURED.collectedASecond / 3_600,
    workerHours: (copiesADay * MEASURED.workerMicros) / 1e6 / 3_600,
    postgresHours: (copiesADay * MEASURED.postgresMicros) / 1e6 / 3_600,
    workerCoresAtLimit: (GRAPH_A_SECOND * MEASURED.workerMicros) / 1e6,
    walGb: (copiesADay * MEASURED.walBytes) / 1e9,
    ledgerGbADay: { least: ledger('least'), left: ledger('left') },
    ledgerTb: { least: (ledger('least') * days) / 1e3, left: (ledger('left') * days) / 1e3 },
    identityTb: (itemsADay * MEASURED.identityBytes * days) / 1e12,
    identityRows: (itemsADay * days) / 1e9,
    partitionGb: (copiesADay * MEASURED.copyBytes.left * 31) / 1e9,
    stagedGb: (itemsADay * (MEASURED.stagedBytes + attachmentBytes)) / 1e9,
    sentGb: (copiesADay * (MEASURED.stagedBytes + (attachmentBytes * 4) / 3)) / 1e9,
    // Each shard has a job, and each of a connector's imports a handful.
    redisMb: MEASURED.redisMb + (SHARDS * 10 * MEASURED.jobBytes) / 1e6,
  };
}
