/** Who takes part in a simulated archive: people with phones, with and without mailboxes, and strangers. */
import type { NewUser } from './mailbox.ts';
import type { Random } from './random.ts';

export const ORGANIZATION_ID = '5f0c8a52-0000-4000-8000-000000000001';
export const DOMAIN = 'simulated.example';
export const ACCOUNT_ID = 'account-1';
export const KIND = 'android-archiver';
/** what makes a message's identity, besides the item's id */
export const SCOPE = { organizationId: ORGANIZATION_ID, kind: KIND, account: ACCOUNT_ID } as const;

export interface Person {
  readonly name: string;
  readonly number: string;
  /** what the source says */
  readonly email: string | null;
  /** of the mailbox that the mapping gives: their own, or one that they share */
  readonly mapped: string | null;
  /** the mapping row comes only with a later version */
  readonly mappedLater: boolean;
}

export interface Population {
  readonly people: readonly Person[];
  /** mailboxes as they are at the beginning */
  readonly users: readonly NewUser[];
  /** whose mailbox takes what nobody else can receive; null: nobody's */
  readonly fallback: NewUser | null;
}

/** Nobody's phones. */
export const STRANGERS = ['+13125550190', '+13125550191', '26266', 'BANK'];

/** Of a message in bytes: nothing fits, little beside the text, one large attachment. */
const LIMITS = [500, 3_000, 4_000, 6_000];

export function populationOf(random: Random): Population {
  const users: NewUser[] = [];
  const addressOf = (index: number): string => `user${index}@${DOMAIN}`;
  const count = random.whole(2, 6);
  const small = random.chance(0.2) ? 0.5 : 0;
  const people = Array.from({ length: count }, (_, index): Person => {
    const number = `+1212555${String(100 + index).padStart(4, '0')}`;
    const name = `P${index}`;
    const kind = random.next();
    const hasUser = random.chance(0.92);
    if (hasUser) {
      users.push({
        id: `aaaaaaaa-0000-4000-8000-${String(random.whole(0, 4095)).padStart(8, '0')}${String(index).padStart(4, '0')}`,
        mail: addressOf(index),
        aliases: [`alias${index}@${DOMAIN}`],
        name,
        hasMailbox: random.chance(0.9),
        full: false,
        limitBytes: random.chance(small) ? random.pick(LIMITS) : null,
      });
    }
    const own = random.chance(0.5) ? addressOf(index) : `alias${index}@${DOMAIN}`;
    if (kind < 0.6) return { name, number, email: own, mapped: null, mappedLater: false };
    const mapped = index > 0 && random.chance(0.35) ? addressOf(random.whole(0, index - 1)) : own;
    const email = random.chance(0.5) ? null : `${name}@elsewhere.example`;
    return { name, number, email, mapped, mappedLater: random.chance(0.5) };
  });
  if (!random.chance(0.2)) return { people, users, fallback: null };
  const fallback: NewUser = {
    ...{ id: 'aaaaaaaa-0000-4000-8000-0000fa11bacc', mail: `fallback@${DOMAIN}`, aliases: [], name: 'Fallback' },
    ...{ hasMailbox: true, full: false, limitBytes: null },
  };
  return { people, users: [...users, fallback], fallback };
}
