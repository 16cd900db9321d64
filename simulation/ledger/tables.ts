/** The model's database: its tables with their constraints, its sequences, and the time of the question being asked. */
import { DELIVERY_RULES, IMPORT_RULES, ITEM_RULES, WINDOW_RULES } from './constraints.ts';
import type {
  AlertRow,
  AuditRow,
  ChangeRow,
  ConnectorCounterRow,
  ConnectorRow,
  CounterRow,
  DeliveryRow,
  DirectoryRow,
  FolderRow,
  IdentityRow,
  ImportRow,
  ItemRow,
  LeaseRow,
  MailboxPauseRow,
  MappingVersionRow,
  OrganizationRow,
  SignOffRow,
  SourceRow,
  SourceUserRow,
  StagedAttachmentRow,
  TwinRow,
  UploadSessionRow,
  WindowRow,
} from './rows.ts';
import { ConstraintError, Journal, Table } from './table.ts';

/** A key of several columns. */
export const key = (...columns: readonly (string | number)[]): string => columns.join(' ');

export type Sequence =
  | 'organization'
  | 'source'
  | 'connector'
  | 'mapping_version'
  | 'import'
  | 'import_window'
  | 'item_change'
  | 'sign_off'
  | 'delivery_id_seq'
  | 'item_id_seq'
  | 'attachment_id_seq';

export class Tables {
  readonly #journal = new Journal();
  readonly #clock: () => Date;
  #now = new Date(0);
  /** imports of which copies were sent on their way by the question that is being asked, or whose content was noted as cleared */
  readonly #toHoldContent = new Set<string>();
  readonly #sequences = new Map<Sequence, number>();

  constructor(now: () => Date) {
    this.#clock = now;
  }

  readonly organizations = new Table<OrganizationRow, 'id'>(this.#journal, { unique: { id: ({ id }) => id } });
  readonly sources = new Table<SourceRow, 'id' | 'source_identity'>(this.#journal, {
    unique: {
      id: ({ id }) => id,
      source_identity: ({ organizationId, kind, accountId }) => key(organizationId, kind, accountId),
    },
  });
  readonly sourceUsers = new Table<SourceUserRow, 'mobile', 'number' | 'source'>(this.#journal, {
    unique: { mobile: ({ sourceId, mobile }) => key(sourceId, mobile) },
    indexes: {
      source: ({ sourceId }) => sourceId,
      number: ({ sourceId, number }) => (number === null ? null : key(sourceId, number)),
    },
  });
  readonly connectors = new Table<ConnectorRow, 'id' | 'connector_one_live', 'source'>(this.#journal, {
    unique: {
      id: ({ id }) => id,
      connector_one_live: ({ status, sourceId }) => (status === 'live' ? sourceId : null),
    },
    indexes: { source: ({ sourceId }) => sourceId },
  });
  readonly mappingVersions = new Table<MappingVersionRow, 'id' | 'mapping_version_one_in_force'>(this.#journal, {
    unique: {
      id: ({ id }) => id,
      mapping_version_one_in_force: ({ status, connectorId }) => (status === 'in_force' ? connectorId : null),
    },
  });
  readonly directory = new Table<DirectoryRow, 'address'>(this.#journal, {
    unique: { address: ({ organizationId, address }) => key(organizationId, address) },
  });
  readonly folders = new Table<FolderRow, 'folder'>(this.#journal, {
    unique: { folder: ({ organizationId, userId, folderName }) => key(organizationId, userId, folderName) },
  });
  readonly pauses = new Table<MailboxPauseRow, 'mailbox'>(this.#journal, {
    unique: { mailbox: ({ organizationId, userId }) => key(organizationId, userId) },
  });
  readonly windows = new Table<WindowRow, 'id' | 'import_window_end' | 'import_window_first', 'connector'>(
    this.#journal,
    WINDOW_RULES,
  );
  readonly imports = new Table<
    ImportRow,
    'id' | 'import_number' | 'import_one_collecting',
    'connector' | 'window' | 'phase' | 'content'
  >(this.#journal, IMPORT_RULES);
  readonly counters = new Table<CounterRow, 'counter', 'import'>(this.#journal, {
    unique: { counter: ({ importId, shard, outcome }) => key(importId, shard, outcome) },
    indexes: { import: ({ importId }) => importId },
  });
  readonly connectorCounters = new Table<ConnectorCounterRow, 'counter'>(this.#journal, {
    unique: { counter: ({ connectorId, outcome }) => key(connectorId, outcome) },
  });
  readonly identities = new Table<IdentityRow, 'identity'>(this.#journal, {
    unique: { identity: ({ sourceId, sourceItemId }) => key(sourceId, sourceItemId) },
  });
  readonly items = new Table<ItemRow, 'id', 'import' | 'source'>(this.#journal, ITEM_RULES);
  readonly deliveries = new Table<
    DeliveryRow,
    'id' | 'delivery_once_a_participant' | 'delivery_once_a_mailbox',
    'item' | 'import' | 'open' | 'waiting' | 'twins' | 'doubted'
  >(this.#journal, DELIVERY_RULES);
  readonly attachments = new Table<StagedAttachmentRow, 'id' | 'attachment_position', 'item' | 'import'>(
    this.#journal,
    {
      unique: {
        id: ({ archivedAt, id }) => key(archivedAt.getTime(), id),
        attachment_position: ({ archivedAt, itemId, position }) => key(archivedAt.getTime(), itemId, position),
      },
      indexes: {
        item: ({ archivedAt, itemId }) => key(archivedAt.getTime(), itemId),
        import: ({ importId }) => importId,
      },
    },
  );
  readonly twins = new Table<TwinRow, 'twin'>(this.#journal, {
    unique: { twin: ({ sourceId, messageKey, userId }) => key(sourceId, userId, messageKey) },
  });
  readonly changes = new Table<ChangeRow, 'id' | 'item_change_once', 'import'>(this.#journal, {
    unique: {
      id: ({ id }) => id,
      item_change_once: ({ itemId, sha256 }) => key(itemId, sha256.toString('hex')),
    },
    indexes: { import: ({ importId }) => importId },
  });
  readonly leases = new Table<LeaseRow, 'shard'>(this.#journal, {
    unique: { shard: ({ organizationId, shard }) => key(organizationId, shard) },
  });
  readonly uploadSessions = new Table<UploadSessionRow, 'session'>(this.#journal, {
    unique: { session: ({ deliveryId, attachment }) => key(deliveryId, attachment) },
  });
  readonly alerts = new Table<AlertRow, 'alert_one_open'>(this.#journal, {
    unique: {
      alert_one_open: ({ connectorId, code, windowId, resolvedAt }) =>
        resolvedAt === null ? key(connectorId, code, windowId ?? 'none') : null,
    },
  });
  readonly signOffs = new Table<SignOffRow, 'id'>(this.#journal, { unique: { id: ({ id }) => id } });
  readonly audit = new Table<AuditRow, never>(this.#journal, { unique: {} });

  /** The time of the question that is being asked: as in PostgreSQL, one for all of it. */
  now(): Date {
    return this.#now;
  }

  /** `now` and some seconds, to the millisecond. */
  inSeconds(seconds: number): Date {
    return new Date(Math.round(this.#now.getTime() + seconds * 1000));
  }

  /** As PostgreSQL's, a sequence does not go back when a question fails. */
  next(sequence: Sequence): string {
    const number = (this.#sequences.get(sequence) ?? 0) + 1;
    this.#sequences.set(sequence, number);
    return String(number);
  }

  /** From a counter, so that a seed replays exactly. */
  nextUuid(sequence: Sequence): string {
    return `00000000-0000-4000-8000-${Number(this.next(sequence)).toString(16).padStart(12, '0')}`;
  }

  /** Asks one question: all of it takes effect, or nothing. */
  atomically<T>(question: () => T): T {
    this.#now = this.#clock();
    try {
      const answer = question();
      for (const importId of this.#toHoldContent) this.#mustHoldContent(importId);
      this.#journal.commit();
      return answer;
    } catch (error) {
      this.#journal.rollBack();
      throw error;
    } finally {
      this.#toHoldContent.clear();
    }
  }

  /** The triggers that are deferred to the commit: whoever sends copies on their way takes the note back in the same question. */
  holdsContent(importId: string): void {
    this.#toHoldContent.add(importId);
  }

  #mustHoldContent(importId: string): void {
    const row = this.imports.find('id', importId);
    if (!row || (row.startedAt !== null && row.stagingClearedAt === null)) return;
    const pending = this.counters
      .with('import', importId)
      .reduce((sum, { outcome, count }) => (outcome === 'copies.pending' ? sum + count : sum), 0);
    if (pending > 0) throw new ConstraintError('copies_on_their_way_hold_content', 'P0001');
  }

  /** A foreign key: the row that another names must be there. @throws ConstraintError */
  mustExist(table: 'organization' | 'connector' | 'import' | 'import_window', id: string): void {
    const rows = {
      organization: this.organizations,
      connector: this.connectors,
      import: this.imports,
      import_window: this.windows,
    }[table];
    if (rows.find('id', id) === undefined) throw new ConstraintError(`foreign key to ${table}`, '23503');
  }

  /** The window of a connector that a new one follows, by the constraints that forbid a gap and an overlap. */
  insertWindow(row: WindowRow): void {
    const others = this.windows.with('connector', row.connectorId);
    if (others.some(({ startsAt, endsAt }) => startsAt < row.endsAt && row.startsAt < endsAt))
      throw new ConstraintError('import_window_no_overlap', '23P01');
    if (row.follows !== null && !this.windows.find('import_window_end', key(row.connectorId, row.follows.getTime())))
      throw new ConstraintError('import_window_no_gap', '23503');
    this.windows.insert(row);
  }
}
