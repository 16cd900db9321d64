/**
 * From an e-mail address to the one user of the organization whose mailbox receives it.
 *
 * The rules are those of *Who gets a copy*: `mail` and `proxyAddresses` decide before the user principal name does (one
 * person's sign-in name can be another's alias), in any case; two people are refused as ambiguous; guests receive
 * nothing; `accountEnabled` says nothing about mail, only a mailbox that answers does.
 */
import { z } from 'zod';
import type { Graph } from './graph.ts';
import { bodyOf, errorOfAnswer, type GraphAnswer } from './graph-errors.ts';
import { quoted } from './odata.ts';
import { type ReadSettings, readInBatches } from './read-in-batches.ts';

export interface DirectoryMailbox {
  readonly kind: 'mailbox';
  /** Graph object id: the key of a delivery */
  readonly userId: string;
  /** the user's primary address as the directory writes it; the sign-in name where `mail` is empty */
  readonly address: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
}

/** What the directory says of an address. */
export type DirectoryResult =
  | DirectoryMailbox
  /** nobody has this address */
  | { readonly kind: 'none' }
  | { readonly kind: 'guest' }
  /** several people have it */
  | { readonly kind: 'ambiguous' }
  /** the user is there, a mailbox is not, or this application may not open it (outside its scope); `userId` where it was just asked */
  | { readonly kind: 'no_mailbox'; readonly reason: 'not_enabled' | 'access_denied'; readonly userId?: string };

const userSchema = z.object({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  userPrincipalName: z.string(),
  mail: z.string().nullish(),
  userType: z.string().nullish(),
});
const usersSchema = z.object({ value: z.array(userSchema) });
type DirectoryUser = z.infer<typeof userSchema>;

const SELECT = '$select=id,displayName,userPrincipalName,mail,userType';

/**
 * Looks up addresses, any number, batched. The same address in another case is asked once.
 *
 * @returns one result for each distinct address, by its lower-case form
 * @throws GraphError (`forbidden` where the consent for the directory is missing); AppTokenError
 */
export async function resolveAddresses(
  graph: Graph,
  addresses: readonly string[],
  settings: ReadSettings = {},
): Promise<ReadonlyMap<string, DirectoryResult>> {
  const results = new Map<string, DirectoryResult>();
  const asked = new Map<string, string>();
  for (const address of addresses) asked.set(address.toLowerCase(), address);
  for (const key of asked.keys()) if (!isAddress(key)) results.set(key, { kind: 'none' });

  const found = new Map<string, DirectoryUser>();
  const take = (keys: readonly string[], users: readonly (readonly DirectoryUser[])[]): void => {
    keys.forEach((key, index) => {
      const decision = decide(users[index] ?? []);
      if (decision === null) return;
      if ('kind' in decision) results.set(key, decision);
      else found.set(key, decision);
    });
  };
  const open = (): string[] => [...asked.keys()].filter((key) => !results.has(key) && !found.has(key));

  const first = open();
  const byMail = await usersOf(
    graph,
    first.flatMap((key) => [byMailUrl(asked.get(key) ?? key), byProxyUrl(asked.get(key) ?? key)]),
    settings,
  );
  take(
    first,
    first.map((_, index) => distinct([...(byMail[2 * index] ?? []), ...(byMail[2 * index + 1] ?? [])])),
  );

  const second = open();
  take(
    second,
    await usersOf(
      graph,
      second.map((key) => byNameUrl(asked.get(key) ?? key)),
      settings,
    ),
  );
  for (const key of open()) results.set(key, { kind: 'none' });

  const users = [...new Map([...found.values()].map((user) => [user.id, user])).values()];
  const probes = await readInBatches(
    graph,
    users.map((user) => `/users/${encodeURIComponent(user.id)}/mailFolders?$top=1&$select=id`),
    // One mailbox that is busy, or being moved, is no reason to know nothing of all the others.
    { ...settings, lasting: 'answer' },
  );
  const mailboxes = new Map(users.map((user, index) => [user.id, mailboxOf(user, probes[index])]));
  for (const [key, user] of found) results.set(key, mailboxes.get(user.id) ?? { kind: 'none' });
  return results;
}

/** Whether a text has the form of an address that the directory can know. RFC 5321 limits it to 254 characters. */
function isAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@"<>\\]+@[^\s@"<>\\]+$/.test(text);
}

/** One member, nobody (null), or why there is none. Guests beside a member do not make it ambiguous: they get no mail. */
function decide(users: readonly DirectoryUser[]): DirectoryUser | DirectoryResult | null {
  const members = users.filter((user) => user.userType?.toLowerCase() !== 'guest');
  const [member] = members;
  if (members.length > 1) return { kind: 'ambiguous' };
  if (member !== undefined) return member;
  return users.length > 0 ? { kind: 'guest' } : null;
}

async function usersOf(
  graph: Graph,
  urls: readonly string[],
  settings: ReadSettings,
): Promise<readonly (readonly DirectoryUser[])[]> {
  const answers = await readInBatches(graph, urls, settings);
  return answers.map((answer) => {
    const error = errorOfAnswer(answer, 'GET', new Date());
    // An address that Graph does not take is nobody's.
    if (error?.failure === 'no_such_user' || error?.failure === 'bad_request') return [];
    if (error !== null) throw error;
    return bodyOf(answer, usersSchema).value;
  });
}

function mailboxOf(user: DirectoryUser, probe: GraphAnswer | undefined): DirectoryResult {
  const error = probe === undefined ? null : errorOfAnswer(probe, 'GET', new Date());
  switch (error?.failure) {
    case undefined:
      return theMailboxOf(user);
    case 'no_mailbox':
    case 'no_such_user':
    case 'item_not_found':
      return { kind: 'no_mailbox', reason: 'not_enabled' };
    case 'forbidden':
    case 'blocked_by_policy':
      return { kind: 'no_mailbox', reason: 'access_denied', userId: user.id };
    case 'token_refused':
      throw error;
    // It says that there is a mailbox, and nothing else: whoever writes into it meets the rest.
    default:
      return theMailboxOf(user);
  }
}

function theMailboxOf(user: DirectoryUser): DirectoryMailbox {
  return {
    kind: 'mailbox',
    userId: user.id,
    address: user.mail ?? user.userPrincipalName,
    displayName: user.displayName ?? user.userPrincipalName,
    userPrincipalName: user.userPrincipalName,
  };
}

function distinct(users: readonly DirectoryUser[]): DirectoryUser[] {
  return [...new Map(users.map((user) => [user.id, user])).values()];
}

// $top=3 is enough to tell one from several, with a guest among them.
function usersUrl(filter: string): string {
  return `/users?${SELECT}&$top=3&$filter=${encodeURIComponent(filter)}`;
}

function byMailUrl(address: string): string {
  return usersUrl(`mail eq ${quoted(address)}`);
}

/** `proxyAddresses` distinguishes SMTP (primary) from smtp (others); a lambda compares as written, so both are asked. */
function byProxyUrl(address: string): string {
  const spellings = [...new Set([address, address.toLowerCase()])];
  const terms = spellings.flatMap((spelling) => [
    `p eq ${quoted(`smtp:${spelling}`)}`,
    `p eq ${quoted(`SMTP:${spelling}`)}`,
  ]);
  return usersUrl(`proxyAddresses/any(p:${terms.join(' or ')})`);
}

function byNameUrl(address: string): string {
  return usersUrl(`userPrincipalName eq ${quoted(address)}`);
}
