/**
 * Where the archive's folder of a mailbox was found, remembered for a minute by all runs of a process: with many mailboxes
 * a run has a few messages for each, and would look for every folder anew.
 *
 * Not longer, and not from the ledger: a folder that somebody deleted lies in the deleted items, keeps its id and takes
 * messages there.
 */
import type { Graph } from '../../microsoft/graph.ts';
import type { Clock } from '../clock.ts';

const KNOWN_MS = 60_000;

interface Found {
  readonly folderId: string;
  /** monotonic milliseconds */
  readonly at: number;
}

/** By organization: folders by mailbox and name. */
const memories = new WeakMap<Graph, Map<string, Found>>();

export interface FolderPlace {
  readonly userId: string;
  readonly folderName: string;
}

export class KnownFolders {
  readonly #clock: Clock;
  readonly #found: Map<string, Found>;

  constructor(graph: Graph, clock: Clock) {
    this.#clock = clock;
    this.#found = memories.get(graph) ?? new Map();
    memories.set(graph, this.#found);
  }

  /** @returns the folder's id; undefined where it is to be looked for */
  idOf(place: FolderPlace): string | undefined {
    const found = this.#found.get(keyOf(place));
    if (found === undefined) return undefined;
    if (this.#clock.monotonic() - found.at < KNOWN_MS) return found.folderId;
    this.#found.delete(keyOf(place));
    return undefined;
  }

  /** @param at `clock.monotonic()` before it was looked for */
  add(place: FolderPlace, folderId: string, at: number): void {
    this.#found.set(keyOf(place), { folderId, at });
  }

  forget(place: FolderPlace): void {
    this.#found.delete(keyOf(place));
  }
}

function keyOf({ folderName, userId }: FolderPlace): string {
  return `${folderName}\n${userId}`;
}
