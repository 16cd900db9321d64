/** The sandbox from outside: its control API, and TeleMessage's feed as any client reads it. */
import { z } from 'zod';

function address(name: 'E2E_SANDBOX_URL' | 'E2E_TELEMESSAGE_URL'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run npm run test:browser`);
  return value;
}

export const sandboxUrl = (path: string): string => new URL(path, address('E2E_SANDBOX_URL')).href;

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(sandboxUrl(`/sandbox/control${path}`), {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

export const withdrawConsent = (domain: string): Promise<void> => control('DELETE', `/consents/${domain}`);
export const grantConsent = (domain: string): Promise<void> => control('PUT', `/consents/${domain}`, {});
/** The directory for the application itself, and by Exchange (RBAC for Applications) these mailboxes alone. */
export const limitToMailboxes = (domain: string, mailboxes: readonly string[]): Promise<void> =>
  control('PUT', `/consents/${domain}`, { permissions: ['User.Read.All'], mailboxes });
export const clearFaults = (): Promise<void> => control('DELETE', '/faults');

/**
 * Every answer of Microsoft Graph comes later, and some of them much later, so that there is something to watch: what is
 * sent side by side is not finished side by side.
 */
export async function slowGraph(): Promise<void> {
  const later = { service: 'graph', fault: { kind: 'delay', ms: 3_000 } };
  await control('POST', '/faults', { ...later, rate: 0.3 });
  await control('POST', '/faults', { ...later, fault: { kind: 'delay', ms: 700 } });
}

/** TeleMessage's lists of items come this much later, so that an import is collecting for a while. */
export function slowFeed(milliseconds: number): Promise<void> {
  const route = 'GET /v1/archives/*/items';
  return control('POST', '/faults', { service: 'telemessage', route, fault: { kind: 'delay', ms: milliseconds } });
}

/** TeleMessage refuses the next sign-in, as if its password had been changed there. */
export function refusePassword(): Promise<void> {
  const fault = { kind: 'refuse', status: 401, code: 'INVALID_PASSWORD' };
  return control('POST', '/faults', { service: 'telemessage', route: 'POST /v1/sessions', count: 1, fault });
}

/** What kind of mailbox somebody has from now on. */
export function setMailbox(address: string, kind: 'user' | 'full'): Promise<void> {
  return control('PATCH', `/mailboxes/${address}`, { kind });
}

const partySchema = z.object({ mobile: z.string(), email: z.string().nullish(), name: z.string().nullish() });

// Not every item is whole: that is the point of a difficult source.
const itemSchema = z.object({
  id: z.string(),
  type: z.string(),
  direction: z.string(),
  owner: partySchema,
  sender: partySchema,
  recipients: z.array(partySchema),
  messageTime: z.string(),
  archivedTime: z.string(),
  groupName: z.string().nullish(),
  text: z.string().nullish(),
  attachments: z.array(z.object({ id: z.string(), name: z.string(), contentType: z.string() })).nullish(),
});

export type SourceItem = z.infer<typeof itemSchema>;

export interface Feed {
  /** lines of the feed, repeats included */
  readonly listed: number;
  /** those that can be understood, each once */
  readonly items: readonly SourceItem[];
}

interface Account {
  readonly username: string;
  readonly password: string;
}

/** What TeleMessage lists for [from, to). A window that is longer than the site allows is the caller's mistake. */
export async function feed(account: Account, kind: string, from: string, to: string): Promise<Feed> {
  const base = address('E2E_TELEMESSAGE_URL');
  const session = await fetch(`${base}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: account.username, password: account.password }),
  });
  const { token } = z.object({ token: z.string() }).parse(await session.json());
  const items = new Map<string, SourceItem>();
  let listed = 0;
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ from, to, limit: '1000', ...(cursor === null ? {} : { cursor }) });
    const response: Response = await fetch(`${base}/v1/archives/${kind}/items?${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const page = z
      .object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() })
      .parse(await response.json());
    listed += page.items.length;
    for (const raw of page.items) {
      const item = itemSchema.safeParse(raw);
      if (item.success) items.set(item.data.id, item.data);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { listed, items: [...items.values()] };
}
