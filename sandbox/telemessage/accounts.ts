/**
 * The administration accounts of the sandbox's TeleMessage. The passwords are published on purpose: they open nothing
 * but this sandbox. Several usernames can belong to one account, as several administrators do.
 */
import { alderByrne } from '../world/alder-byrne.ts';
import { kestrelBank } from '../world/tenants.ts';

export const accountStates = ['good', 'suspended', 'pinRequired'] as const;

export interface AdministrationAccount {
  readonly username: string;
  readonly password: string;
  readonly account: { readonly id: string; readonly name: string };
  readonly tenantId: string;
  readonly state: (typeof accountStates)[number];
  /** kinds of archiver that the account has ordered */
  readonly kinds: readonly string[];
  /** what the account is there for, for the page that lists them */
  readonly purpose: string;
}

const ORDERED = [
  'android-archiver',
  'whatsapp-archiver',
  'telegram-archiver',
  'signal-archiver',
  'verizon-network',
  'o2-network',
  'enterprise-number-archiver',
];

const alder = { id: 'TM-40117', name: 'Alder & Byrne' } as const;

export const administrationAccounts: readonly [AdministrationAccount, ...AdministrationAccount[]] = [
  {
    username: 'archive.admin@alderbyrne.example',
    password: 'sandbox-archive-1',
    account: alder,
    tenantId: alderByrne.id,
    state: 'good',
    kinds: ORDERED,
    purpose: 'Works.',
  },
  {
    username: 'archive.second@alderbyrne.example',
    password: 'sandbox-archive-2',
    account: alder,
    tenantId: alderByrne.id,
    state: 'good',
    kinds: ORDERED,
    purpose: 'Works, and belongs to the same account as the first.',
  },
  {
    username: 'archive.basic@alderbyrne.example',
    password: 'sandbox-archive-3',
    account: { id: 'TM-40118', name: 'Alder & Byrne (network only)' },
    tenantId: alderByrne.id,
    state: 'good',
    kinds: ['verizon-network'],
    purpose: 'Has not ordered Android Archiver (320).',
  },
  {
    username: 'archive.suspended@alderbyrne.example',
    password: 'sandbox-archive-4',
    account: { id: 'TM-40119', name: 'Alder & Byrne (former)' },
    tenantId: alderByrne.id,
    state: 'suspended',
    kinds: ORDERED,
    purpose: 'Is suspended (309).',
  },
  {
    username: 'archive.pin@alderbyrne.example',
    password: 'sandbox-archive-5',
    account: alder,
    tenantId: alderByrne.id,
    state: 'pinRequired',
    kinds: ORDERED,
    purpose: 'Needs a PIN (310).',
  },
  {
    username: 'archive.admin@kestrelbank.example',
    password: 'sandbox-archive-6',
    account: { id: 'TM-51203', name: 'Kestrel Bank' },
    tenantId: kestrelBank.id,
    state: 'good',
    kinds: ['android-archiver', 'whatsapp-archiver'],
    purpose: 'Works, for the second organization.',
  },
];
