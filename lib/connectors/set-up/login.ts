/**
 * Step 2: login to the source. The account is signed in to and its registered users are read; then the credentials are
 * written down, and only then is the connector registered there. Whatever happens after that, the draft can sign in and
 * take the registration back, also where the answer with its id was lost (`takeBack`).
 */
import { type SourceAccount, SourceError, type SourceFailure, type SourceUser } from '../../archive/source.ts';
import { audit } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { databaseTime, saveSourceUsers } from '../../imports/source-users.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { openPassword, sealPassword } from '../password.ts';
import { type Draft, NO_DRAFT, type NoDraft } from './draft.ts';
import type { AccountAtSource, SetUpParts } from './parts.ts';
import { removeUnusedSource, saveSource } from './source-users.ts';
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
    const account = await parts.openSource(draft.kind, input, draft.organizationId).account();
    return (await alreadyLive(parts, draft, account)) ?? { kind: 'signed_in', account };
  });
}

/**
 * Signs in, reads the registered users, registers the connector (our reference is its id, so that doing it twice
 * registers once) and stores all that with the sealed password. Another account than before takes the old registration
 * back and asks for the mapping again. @throws NotAllowed
 */
export async function loginToSource(parts: SetUpParts, actor: Actor, input: LoginInput): Promise<LoginResult> {
  authorize(actor, 'connectors.manage');
  const draft = await store.readDraft(parts.database.prisma, actor.organizationId, input.draftId);
  if (draft === null || draft.terms === null) return NO_DRAFT;
  return refusalOr(parts, async () => {
    const source = parts.openSource(draft.kind, input, draft.organizationId);
    const account = await source.account();
    const live = await alreadyLive(parts, draft, account);
    if (live !== null) return live;
    const users = await usersOf(source);
    await leaveFormerAccount(parts, draft, account, input.username);
    const held = await store.updateDraft(parts.database.prisma, draft.organizationId, draft.id, {
      username: input.username,
      passwordSealed: sealPassword(parts.keyRing, draft.id, input.password),
    });
    if (!held) return NO_DRAFT;
    const registration = await source.register(draft.id);
    const connected = { account, users, username: input.username, registrationId: registration.id };
    const registeredUsers = await save(parts, actor, draft, connected);
    if (registeredUsers === null) {
      // Discarded meanwhile: what we have just registered must not stay there. A finished one goes on with it.
      if (!(await store.exists(parts.database.prisma, draft.organizationId, draft.id))) {
        await source.unregister(registration.id);
      }
      return NO_DRAFT;
    }
    return { kind: 'connected', account, registeredUsers };
  });
}

interface Connected {
  readonly account: SourceAccount;
  readonly users: readonly SourceUser[];
  readonly username: string;
  readonly registrationId: string;
}

/** @returns the number of registered users; null where it is no draft any more */
async function save(parts: SetUpParts, actor: Actor, draft: Draft, connected: Connected): Promise<number | null> {
  const { organizationId } = actor;
  const { account } = connected;
  const { sourceId, registeredUsers } = await inTransaction(parts.database.pool, async (client) => {
    const id = await saveSource(client, { organizationId, kind: draft.kind, account });
    const owner = { organizationId, sourceId: String(id), region: draft.mapping.defaultRegion };
    return {
      sourceId: id,
      registeredUsers: await saveSourceUsers(client, owner, connected.users, await databaseTime(client)),
    };
  });
  const saved = await parts.database.prisma.$transaction(async (tx) => {
    const updated = await store.updateDraft(tx, organizationId, draft.id, {
      sourceId,
      sourceConnectorId: connected.registrationId,
      registeredUsers,
    });
    if (!updated) return false;
    const detail = { account: account.id, username: connected.username, registeredUsers };
    await audit(tx, actor, { action: 'connector.source-connected', connectorId: draft.id, detail });
    return true;
  });
  if (saved) return registeredUsers;
  await inTransaction(parts.database.pool, (client) => removeUnusedSource(client, { id: sourceId, organizationId }));
  return null;
}

/** Before another account's credentials take their place: the registration that the draft may have is taken back. */
async function leaveFormerAccount(
  parts: SetUpParts,
  draft: Draft,
  account: SourceAccount,
  username: string,
): Promise<void> {
  const { login, organizationId } = draft;
  const { prisma, pool } = parts.database;
  if (login?.accountId === account.id) return;
  const credentials = await store.readCredentials(prisma, organizationId, draft.id);
  if (credentials === null || (login === null && credentials.username === username)) return;
  try {
    await takeBack(parts, draft, credentials);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    // The new account works: an old one that does not answer must not stand in its way.
    parts.log.warn({ connectorId: draft.id, failure: error.failure }, 'the former account still has a registration');
  }
  const nothing = { sourceId: null, sourceConnectorId: null, registeredUsers: null, mappingConfirmedAt: null };
  const left = await store.updateDraft(prisma, organizationId, draft.id, nothing);
  if (left && login !== null) {
    await inTransaction(pool, (client) => removeUnusedSource(client, { id: login.sourceId, organizationId }));
  }
}

/**
 * Takes the draft's registration back. Where credentials are there and its id is not, a registration was on its way when
 * something broke: registering once more gives its id, whether it came about or not.
 *
 * @throws SourceError; TamperedError, UnknownKeyError
 */
export async function takeBack(parts: SetUpParts, draft: Draft, credentials: store.SealedCredentials): Promise<void> {
  const password = openPassword(parts.keyRing, draft.id, credentials.passwordSealed);
  const source = parts.openSource(draft.kind, { username: credentials.username, password }, draft.organizationId);
  await source.unregister(draft.login?.registrationId ?? (await source.register(draft.id)).id);
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
