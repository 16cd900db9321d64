/**
 * The live view: one subscription to changes for the whole process, fanned out to every browser that watches. Knows
 * nothing of HTTP (`app/api/events`), Redis (`queue/events.ts`) or SQL (`overview.ts`): they are handed in.
 *
 * A change only names a connector. Per organization, changes are gathered and read together, at most every
 * `BREATH_MS`, once for all who watch. Readings of one organization never overlap, so that what a browser gets is
 * never older than what it has.
 */
import type { Change } from '../queue/events.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { bucketOf, type Fingerprints, fingerprintsOf, sameBuckets } from './row-buckets.ts';
import type { ConnectorRow, LiveMessage } from './snapshot.ts';

/** Four messages a second and organization: faster than an eye follows numbers, slow enough for any database. */
const BREATH_MS = 250;
/** After a reading that failed: a database that is down is not asked four times a second. */
const BREATH_AFTER_FAILURE_MS = 2_000;

export interface LiveDependencies {
  /** the rows of these connectors, or of all */
  readonly read: (organizationId: string, connectorIds: readonly string[] | null) => Promise<readonly ConnectorRow[]>;
  /** called once, when the first browser comes; `again` after a break in which changes may have been lost */
  readonly subscribe: (listener: (change: Change) => void, again: () => void) => void;
  readonly now: () => Date;
  readonly setTimer: (work: () => void, ms: number) => void;
  /** a reading that failed; it is tried again after a breath */
  readonly onError: (error: unknown) => void;
}

export interface Watcher {
  /** @returns false where the browser does not keep up: it is sent no more until it asks for a new snapshot */
  readonly send: (message: LiveMessage) => boolean;
}

export interface LiveHub {
  /**
   * Begins with a snapshot and goes on with changes, until the returned function is called.
   *
   * @param known what the browser says of the rows that it has: these are left out of the first snapshot. null: it has none
   * @throws NotAllowed
   */
  watch(
    actor: Actor,
    watcher: Watcher,
    known: Fingerprints | null,
  ): { readonly resume: () => void; readonly stop: () => void };
}

interface Room {
  /** those who have their snapshot */
  readonly current: Set<Watcher>;
  /** those who need one, with what they have */
  readonly joining: Map<Watcher, Fingerprints | null>;
  readonly changed: Set<string>;
  busy: boolean;
}

export function liveHub(dependencies: LiveDependencies): LiveHub {
  const { read, now, setTimer, onError } = dependencies;
  const rooms = new Map<string, Room>();
  let subscribed = false;

  function wake(organizationId: string, room: Room): void {
    if (room.busy || (room.joining.size === 0 && room.changed.size === 0)) return;
    room.busy = true;
    void turn(organizationId, room).then((breath) => {
      setTimer(() => {
        room.busy = false;
        wake(organizationId, room);
      }, breath);
    });
  }

  async function turn(organizationId: string, room: Room): Promise<number> {
    try {
      await tellChanges(organizationId, room);
      await tellEverything(organizationId, room);
      return BREATH_MS;
    } catch (error) {
      onError(error);
      return BREATH_AFTER_FAILURE_MS;
    }
  }

  async function tellChanges(organizationId: string, room: Room): Promise<void> {
    if (room.changed.size === 0 || room.current.size === 0) {
      room.changed.clear();
      return;
    }
    const ids = [...room.changed];
    room.changed.clear();
    const connectors = await read(organizationId, ids).catch((error: unknown) => {
      for (const id of ids) room.changed.add(id);
      throw error;
    });
    const found = new Set(connectors.map(({ id }) => id));
    const removed = ids.filter((id) => !found.has(id));
    tell(room, [...room.current], { type: 'changed', at: now().toISOString(), connectors: [...connectors], removed });
  }

  async function tellEverything(organizationId: string, room: Room): Promise<void> {
    const joining = [...room.joining];
    if (joining.length === 0) return;
    const connectors = await read(organizationId, null);
    const at = now().toISOString();
    const prints = fingerprintsOf(connectors);
    // Whoever left meanwhile is not in `joining` any more.
    for (const [watcher, known] of joining.filter(([watcher]) => room.joining.delete(watcher))) {
      room.current.add(watcher);
      const kept = known === null ? [] : sameBuckets(known, prints);
      const sent = connectors.filter(({ id }) => !kept.includes(bucketOf(id)));
      tell(room, [watcher], { type: 'snapshot', at, connectors: sent, kept });
    }
  }

  function tell(room: Room, watchers: readonly Watcher[], message: LiveMessage): void {
    for (const watcher of watchers) if (!watcher.send(message)) room.current.delete(watcher);
  }

  function onChange({ organizationId, connectorId }: Change): void {
    const room = rooms.get(organizationId);
    if (room === undefined || room.current.size + room.joining.size === 0) return;
    room.changed.add(connectorId);
    wake(organizationId, room);
  }

  function onAgain(): void {
    for (const [organizationId, room] of rooms) {
      for (const watcher of room.current) room.joining.set(watcher, null);
      room.current.clear();
      wake(organizationId, room);
    }
  }

  return {
    watch(actor, watcher, known) {
      authorize(actor, 'connectors.read');
      const { organizationId } = actor;
      if (!subscribed) {
        subscribed = true;
        dependencies.subscribe(onChange, onAgain);
      }
      const room = rooms.get(organizationId) ?? {
        current: new Set(),
        joining: new Map(),
        changed: new Set(),
        busy: false,
      };
      rooms.set(organizationId, room);
      const join = (has: Fingerprints | null): void => {
        if (room.current.has(watcher) || room.joining.has(watcher)) return;
        room.joining.set(watcher, has);
        wake(organizationId, room);
      };
      join(known);
      return {
        // What it was sent since, and whether that arrived, nobody knows here.
        resume: () => join(null),
        stop() {
          room.current.delete(watcher);
          room.joining.delete(watcher);
        },
      };
    },
  };
}
