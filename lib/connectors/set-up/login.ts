/**
 * Step 2: login to the source. The account is signed in to, the connector registered there, and the registered users
 * are read, in this order; only then is anything written down.
 */
import { type SourceAccount, SourceError, type SourceFailure, type SourceUser } from '../../archive/source.ts';
import { inTransaction } from '../../db.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { audit } from '../../security/audit.ts';
import { openPassword, sealPassword } from '../password.ts';
import { type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import type { AccountAtSource, SetUpParts } from './parts.ts';
import { removeUnusedSource, saveSource, saveSourceUsers } from './source-users.ts';
import * as store from './store.ts';

export interface LoginInput {
  readonly draftId: string;
  readonly username: string;
  readonly password: string;
}

/** Why the source would not have us. `failure` is the port's own word. */
export interface SourceRefusal {
  readonly kind: 'refused';
  readonly failure: SourceFailure;
  readonly retryAfterSeconds: number | null;
  /** for the sentence on a connection that cannot be made */
  readonly host: string;
}

export interface AlreadyLive {
  readonly kind: 'already_live';
  /** the connector that imports from this account */
  readonly connectorName: string;
}

export type SignInToSourceResult =
  | { readonly kind: 'signed_in'; readonly account: SourceAccount }
  | SourceRefusal
  | AlreadyLive
  | NoDraft;

export type LoginResult =
  | { readonly kind: 'connected'; readonly account: SourceAccount; readonly registeredUsers: number }
  | SourceRefusal
  | AlreadyLive
  | NoDraft;

/**
 * The first half, for a page that shows how far it is: one sign-in, nothing stored. A refused password is sent once and
 * never again by us. @throws NotAllowed
 */
export async function signInToSource(
  parts: SetUpParts,
  actor: Actor,
  input: LoginInput,
): Promise<SignInToSourceResult> {
  authorize(actor, 'connectors.manage');
  const draft = await store.readDraft(parts.database.prisma, actor.organizationId, input.draftId);
  if (draft === null || draft.terms === null) return NO_DRAFT;
  return refusalOr(parts, async () => {
    const account = await parts.openSource(draft.kind, input).account();
    return (await alreadyLive(parts, draft, account)) ?? { kind: 'signed_in', account };
  });
}

/**
 * Signs in, registers the connector (its id is our reference, so that doing it twice registers once), reads the
 * registered users and stores all that with the sealed password. Another account than before takes the old
 * registration back and asks for the mapping again. @throws NotAllowed
 */
export async function loginToSource(parts: SetUpParts, actor: Actor, input: LoginInput): Promise<LoginResult> {
  authorize(actor, 'connectors.manage');
  const draft = await store.readDraft(parts.database.prisma, actor.organizationId, input.draftId);
  if (draft === null || draft.terms === null) return NO_DRAFT;
  return refusalOr(parts, async () => {
    const source = parts.openSource(draft.kind, input);
    const account = await source.account();
    const live = await alreadyLive(parts, draft, account);
    if (live !== null) return live;
    const registration = await source.register(draft.id);
    const users = await usersOf(source);
    const previous = draft.login?.accountId === account.id ? null : await previousAccount(parts, draft);
    const registeredUsers = await save(parts, actor, draft, {
      ...input,
      account,
      users,
      registrationId: registration.id,
    });
    if (registeredUsers === null) {
      // Discarded meanwhile: what we have just registered must not stay there.
      await source.unregister(registration.id);
      return NO_DRAFT;
    }
    await previous?.();
    return { kind: 'connected', account, registeredUsers };
  });
}

interface Connected extends LoginInput {
  readonly account: SourceAccount;
  readonly users: readonly SourceUser[];
  readonly registrationId: string;
}

/** @returns the number of registered users; null where the draft is gone */
async function save(parts: SetUpParts, actor: Actor, draft: Draft, connected: Connected): Promise<number | null> {
  const { organizationId } = actor;
  const { account } = connected;
  const at = parts.clock();
  const { sourceId, registeredUsers } = await inTransaction(parts.database.pool, async (client) => {
    const id = await saveSource(client, { organizationId, kind: draft.kind, account });
    const region = draft.mapping.defaultRegion;
    return {
      sourceId: id,
      registeredUsers: await saveSourceUsers(client, { id, organizationId }, connected.users, region, at),
    };
  });
  const sameAccount = draft.login?.accountId === account.id;
  const saved = await parts.database.prisma.$transaction(async (tx) => {
    const updated = await store.updateDraft(tx, organizationId, draft.id, {
      sourceId,
      username: connected.username,
      passwordSealed: sealPassword(parts.keyRing, draft.id, connected.password),
      sourceConnectorId: connected.registrationId,
      registeredUsers,
      ...(sameAccount ? {} : { mappingConfirmedAt: null }),
    });
    if (!updated) return false;
    const detail = { account: account.id, username: connected.username, registeredUsers };
    await audit(tx, actor, { action: 'connector.source-connected', connectorId: draft.id, detail });
    return true;
  });
  const unused = saved ? (sameAccount ? undefined : draft.login?.sourceId) : sourceId;
  if (unused !== undefined) await inTransaction(parts.database.pool, (client) => removeUnusedSource(client, unused));
  return saved ? registeredUsers : null;
}

/** Prepares taking back the registration at the account that the draft had before; null where there was none. */
async function previousAccount(parts: SetUpParts, draft: Draft): Promise<(() => Promise<void>) | null> {
  const { login } = draft;
  const credentials = await store.readCredentials(parts.database.prisma, draft.organizationId, draft.id);
  if (login === null || credentials === null) return null;
  const password = openPassword(parts.keyRing, draft.id, credentials.passwordSealed);
  return async () => {
    try {
      await parts.openSource(draft.kind, { username: credentials.username, password }).unregister(login.registrationId);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      // The new account works and is stored: an old registration that stays behind must not undo that.
      parts.log.warn({ connectorId: draft.id, failure: error.failure }, 'the former account still has a registration');
    }
  };
}

async function alreadyLive(parts: SetUpParts, draft: Draft, account: SourceAccount): Promise<AlreadyLive | null> {
  const { prisma } = parts.database;
  const connectorName = await store.liveConnectorOf(prisma, draft.organizationId, draft.kind, account.id);
  return connectorName === null ? null : { kind: 'already_live', connectorName };
}

async function usersOf(source: AccountAtSource): Promise<readonly SourceUser[]> {
  const users: SourceUser[] = [];
  for await (const user of source.users()) users.push(user);
  return users;
}

/** Turns what a source throws into a result. */
export async function refusalOr<T>(parts: SetUpParts, work: () => Promise<T>): Promise<T | SourceRefusal> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.class === 'ours')
      parts.log.warn({ failure: error.failure, reason: error.message }, 'the source gave a bad answer');
    const { failure, retryAfterSeconds } = error;
    return { kind: 'refused', failure, retryAfterSeconds, host: parts.sourceHost };
  }
}
