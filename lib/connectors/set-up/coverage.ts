/** *User coverage* of a draft: how many of the registered users have a mailbox, as far as that can be known yet. */
import type { SourceUser } from '../../archive/source.ts';
import { lookUpAddresses } from '../../imports/directory.ts';
import { postgresLedger } from '../../imports/ledger.ts';
import { addressesToLookUp, type Choice, type WaitingReason } from '../../mapping/choose-mailbox.ts';
import { coverageOf, owedToUsers } from '../../mapping/coverage.ts';
import { mappingLookup, noMapping } from '../../mapping/lookup.ts';
import type { MailboxAddress } from '../../mapping/mailbox-address.ts';
import { type E164, parsePartyNumber } from '../../mapping/number.ts';
import type { OwedContext } from '../../mapping/owed.ts';
import { rowsFor } from '../../mapping/store/rows.ts';
import { AppTokenError } from '../../microsoft/app-token.ts';
import type { DirectoryResult } from '../../microsoft/directory.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { verifiedDomainsOf } from '../../organizations/profile.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import type { SetUpParts } from './parts.ts';
import { readSourceUsers } from './source-users.ts';
import * as store from './store.ts';

export interface UserWithoutMailbox {
  readonly name: string | null;
  readonly mobile: string;
  readonly email: string | null;
  readonly reason: WaitingReason;
  /** the address that the reason is about */
  readonly address: string | null;
}

export type DraftCoverage =
  | {
      readonly kind: 'checked';
      readonly registered: number;
      readonly withMailbox: number;
      /** at most 1,000 */
      readonly without: readonly UserWithoutMailbox[];
    }
  /** the directory cannot be read before admin consent */
  | { readonly kind: 'after_consent' }
  /** more registered users than a page can wait for */
  | { readonly kind: 'too_many'; readonly registered: number }
  | { readonly kind: 'unreachable' };

/** Stated limit of the check in the wizard; larger accounts see it on the connector's page, where it runs by itself. */
export const MOST_CHECKED_USERS = 5_000;
const MOST_LISTED = 1_000;
/** Addresses looked up at a time: what was found stays known when a later part fails. */
const LOOK_UP_SET = 500;

/**
 * @param mapping settings to try, where they are not saved yet
 * @throws NotAllowed
 */
export async function checkCoverage(
  parts: SetUpParts,
  actor: Actor,
  input: { readonly draftId: string; readonly mapping?: { readonly automatic: boolean } },
): Promise<DraftCoverage | NoDraft> {
  authorize(actor, 'connectors.manage');
  const draft = await store.readDraft(parts.database.prisma, actor.organizationId, input.draftId);
  if (draft === null || draft.login === null) return NO_DRAFT;
  if (draft.login.registeredUsers > MOST_CHECKED_USERS) {
    return { kind: 'too_many', registered: draft.login.registeredUsers };
  }
  const looked = await lookUpUsers(parts, draft, input.mapping?.automatic ?? draft.mapping.automatic);
  if (looked.kind !== 'looked_up') return looked;
  const { registered, withMailbox, without } = coverageOf(looked.owed, (address) => looked.directory.get(address));
  const listed = without.slice(0, MOST_LISTED).map(({ user, choice }) => withoutMailbox(user, choice));
  return { kind: 'checked', registered, withMailbox, without: listed };
}

/** The distinct mailboxes that registered users' messages would go to, by Graph object id, at most `limit`. */
export async function mailboxesOfUsers(parts: SetUpParts, draft: Draft, limit: number): Promise<readonly string[]> {
  const looked = await lookUpUsers(parts, draft, draft.mapping.automatic);
  if (looked.kind !== 'looked_up') return [];
  const ids = [...looked.directory.values()].flatMap((result) => (result.kind === 'mailbox' ? [result.userId] : []));
  return [...new Set(ids)].slice(0, limit);
}

type LookedUp =
  | {
      readonly kind: 'looked_up';
      readonly owed: ReturnType<typeof owedToUsers>;
      readonly directory: ReadonlyMap<string, DirectoryResult>;
    }
  | { readonly kind: 'after_consent' | 'unreachable' };

async function lookUpUsers(parts: SetUpParts, draft: Draft, automatic: boolean): Promise<LookedUp> {
  const { login, organizationId, mapping } = draft;
  if (login === null) return { kind: 'after_consent' };
  const { pool } = parts.database;
  const graph = parts.graphOf(organizationId);
  try {
    const verifiedDomains = await verifiedDomainsOf(parts.database.prisma, graph);
    const users = await readSourceUsers(pool, organizationId, login.sourceId, MOST_CHECKED_USERS);
    const numbers = numbersOf(users, draft);
    const version = mapping.file?.versionId ?? null;
    const rows = version === null ? [] : await rowsFor(pool, organizationId, version, [...numbers]);
    const context: OwedContext = {
      mapping: version === null ? noMapping : mappingLookup(version, rows),
      isRegistered: (number) => numbers.has(number),
      automaticMapping: automatic,
      verifiedDomains,
      defaultRegion: mapping.defaultRegion,
    };
    const owed = owedToUsers(users, parts.clock(), context);
    const addresses = [...addressesToLookUp(owed.map((one) => one.owed))];
    const directory = new Map<string, DirectoryResult>();
    for (let from = 0; from < addresses.length; from += LOOK_UP_SET) {
      const part: readonly MailboxAddress[] = addresses.slice(from, from + LOOK_UP_SET);
      for (const [address, result] of await lookUpAddresses(postgresLedger(pool), graph, organizationId, part))
        directory.set(address, result);
    }
    return { kind: 'looked_up', owed, directory };
  } catch (error) {
    return whyNot(parts, draft, error);
  }
}

function numbersOf(users: readonly SourceUser[], draft: Draft): ReadonlySet<E164> {
  const numbers = users.map(({ mobile }) => parsePartyNumber(mobile, draft.mapping.defaultRegion));
  return new Set(numbers.filter((number) => number !== null));
}

/** Without consent there is no token, or one without roles; right after it Graph may refuse for a while. */
function whyNot(parts: SetUpParts, draft: Draft, error: unknown): { readonly kind: 'after_consent' | 'unreachable' } {
  if (!(error instanceof AppTokenError || error instanceof GraphError)) throw error;
  if (error instanceof AppTokenError && error.failure === 'app_not_in_tenant') return { kind: 'after_consent' };
  if (error instanceof GraphError && error.failure === 'forbidden') return { kind: 'after_consent' };
  parts.log.warn({ connectorId: draft.id, failure: error.failure }, 'the coverage of a draft could not be checked');
  return { kind: 'unreachable' };
}

function withoutMailbox(user: SourceUser, choice: Choice): UserWithoutMailbox {
  const reason = choice.kind === 'waiting' ? choice.reason : 'not_mapped';
  const address = choice.kind === 'waiting' ? (choice.candidate?.address ?? null) : null;
  return { name: user.name, mobile: user.mobile, email: user.email, reason, address };
}
