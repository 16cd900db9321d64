/** Who gets a copy, rule by rule, from the source's list to the mailboxes of a directory with every difficulty. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item, Party } from '../archive/item.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, type MappedTo, mapNumbers, recount } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import {
  outsider,
  partyOf,
  people,
  personNamed,
  type ScriptedSource,
  scriptedSource,
  sms,
} from './scripted-source.fixture.ts';

const HOUR = 3_600_000;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await engine.close();
});

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const mailOf = ({ mail }: Person): string => mail ?? '';
const ago = (ms: number): Date => new Date(source.settledThrough.getTime() - ms);
const list = (owner: Person, traits: Partial<Item> = {}): number => source.listed.push(sms(owner, ago(HOUR), traits));
const nameOf = (id: string | null): string =>
  alderByrne.people.find((person) => person.id === id)?.displayName ?? 'nobody';

/** Imports everything that is listed, by a mapping. */
async function importAll(
  mapping: Readonly<Record<string, MappedTo | readonly MappedTo[]>> = {},
  options: Parameters<Engine['connect']>[0] = {},
): Promise<void> {
  connectorId = await engine.connect(options);
  if (Object.keys(mapping).length > 0) await mapNumbers(engine, connectorId, mapping);
  await engine.finish();
}

/** Every copy: whose it is, and where it is, or why not. */
async function owed(): Promise<string[]> {
  const { rows } = await engine.database.pool.query<{
    participant: string;
    state: string;
    reason: string | null;
    rule: string;
    user_id: string | null;
  }>('SELECT participant, state, reason, rule, user_id FROM delivery ORDER BY item_id, participant');
  return rows.map(({ participant, state, reason, rule, user_id }) => {
    return state === 'imported'
      ? `${participant}: ${rule}, ${nameOf(user_id)}`
      : `${participant}: ${reason ?? state}${state === 'skipped' ? ' (skipped)' : ''}`;
  });
}

/** Who holds copies in their mailboxes, and how many, as Graph says. */
async function held(): Promise<string[]> {
  return [...(await readMailboxes(engine.graph))]
    .filter(([, messages]) => messages.length > 0)
    .map(([id, messages]) => `${nameOf(id)} ${messages.length}`)
    .sort();
}

describe('a mailbox', () => {
  it.each([
    ['of a leaver, whose account is disabled', 'Dahl', 'Henrik Dahl'],
    ['that is shared', 'Desk', 'Front Desk London'],
    ['by an old address in another domain', 'Ruiz', 'Mateo Ruiz'],
    ['by an address in capitals', 'Chen', 'Olivia Chen'],
    ['of a phone that is not activated yet', 'Menon', 'Ravi Menon'],
    ['of a phone that is suspended', 'Costa', 'Helena Costa'],
    ['of a phone that is locked', 'Pritchard', 'Owen Pritchard'],
  ])('%s gets its copy', async (_name, surname, holder) => {
    const person = personNamed(surname);
    list(person);
    await importAll();
    expect(await owed()).toEqual([`${numberOf(person)}: automatic, ${holder}`]);
    expect(await held()).toEqual([`${holder} 1`]);
  });

  it.each([
    ['that the user has none of, because no licence is assigned', 'Tanaka', {}, 'no_mailbox'],
    ['of a guest, whose address is not ours', 'Demir', {}, 'foreign_address'],
    ['of a guest, also where the mapping names it', 'Demir', { mail: true }, 'guest'],
    ['that the source knows no address of', 'Carter', {}, 'not_mapped'],
    ['by a private address', 'Whitlock', {}, 'foreign_address'],
    ['by an address that nobody has', 'Carter', { address: 'nobody@alderbyrne.example' }, 'mailbox_not_found'],
  ] as const)('%s is none: the copy waits and says why', async (_name, surname, mapping, reason) => {
    const person = personNamed(surname);
    list(person);
    const address = 'address' in mapping ? mapping.address : 'mail' in mapping ? mailOf(person) : null;
    await importAll(address === null ? {} : { [numberOf(person)]: address });
    expect(await owed()).toEqual([`${numberOf(person)}: ${reason}`]);
    expect(await held()).toEqual([]);
  });

  it('is that of the address, not of the sign-in name that reads the same', async () => {
    // Julia Hart signs in as what is an address of Jonas's.
    const [julia] = alderByrne.people.filter(({ givenName }) => givenName === 'Julia');
    if (!julia) throw new Error('Julia');
    list(anna);
    await importAll({ [numberOf(anna)]: julia.userPrincipalName.toUpperCase() });
    expect(await held()).toEqual(['Jonas Hart 1']);
  });

  it('is found by the sign-in name where it is nobody’s address', async () => {
    const renamed = { mail: 'renamed@alderbyrne.example', proxyAddresses: ['SMTP:renamed@alderbyrne.example'] };
    await control(sandbox, 'PATCH', `people/${anna.id}`, renamed);
    list(anna);
    await importAll();
    expect(await held()).toEqual([`${anna.displayName} 1`]);
  });

  it('that two people have is refused as ambiguous', async () => {
    list(anna);
    connectorId = await engine.connect();
    await engine.database.pool.query(
      `INSERT INTO directory_entry (organization_id, address, result) VALUES ($1, lower($2), 'ambiguous')`,
      [engine.organizationId, mailOf(anna)],
    );
    await engine.finish();
    expect(await owed()).toEqual([`${numberOf(anna)}: ambiguous_address`]);
  });

  it('that a user is given later gets what waited for it', async () => {
    const tanaka = personNamed('Tanaka');
    list(tanaka);
    await importAll();
    await control(sandbox, 'PATCH', `mailboxes/${tanaka.id}`, { kind: 'user' });
    // Who had none is asked about again after ten minutes.
    await engine.database.pool.query(`UPDATE directory_entry SET checked_at = now() - interval '11 minutes'`);
    await engine.deps.enqueue('release', { organizationId: engine.organizationId, connectorId });
    await engine.finish();
    expect(await held()).toEqual([`${tanaka.displayName} 1`]);
    expect(await owed()).toEqual([`${numberOf(tanaka)}: automatic, ${tanaka.displayName}`]);
  });
});

describe('a participant', () => {
  it('who is an outsider is owed none, and the owner always one', async () => {
    const unknown: Party = { mobile: '+12125559999', email: null, name: null };
    const strangers = ['12345', 'DELIVERY', 'someone@homemail.example'].map((mobile) => ({ mobile }));
    list(anna, { sender: outsider, recipients: [partyOf(anna), ...strangers] });
    list(anna, { id: 'of nobody', owner: unknown, sender: unknown });
    await importAll();
    expect(await owed()).toEqual([`${numberOf(anna)}: automatic, ${anna.displayName}`, '+12125559999: not_mapped']);
    expect(await held()).toEqual([`${anna.displayName} 1`]);
  });

  it('gets one copy, in whichever role and however often', async () => {
    list(anna, { recipients: [partyOf(anna), partyOf(bruno), partyOf(bruno)] });
    await importAll();
    expect(await held()).toEqual([`${anna.displayName} 1`, `${bruno.displayName} 1`].sort());
  });

  it('with the mailbox of another one is skipped, by name', async () => {
    list(anna, { recipients: [partyOf(bruno)] });
    await importAll({ [numberOf(bruno)]: mailOf(anna) });
    expect((await owed()).sort()).toEqual(
      [`${numberOf(anna)}: automatic, ${anna.displayName}`, `${numberOf(bruno)}: same_mailbox (skipped)`].sort(),
    );
    expect(await held()).toEqual([`${anna.displayName} 1`]);
  });

  it('who is mapped goes before the e-mail address, which goes where the mapping leads nowhere', async () => {
    list(anna);
    list(bruno);
    await importAll({ [numberOf(anna)]: mailOf(cleo), [numberOf(bruno)]: 'nobody@alderbyrne.example' });
    expect(await owed()).toEqual([
      `${numberOf(anna)}: mapping, ${cleo.displayName}`,
      `${numberOf(bruno)}: automatic, ${bruno.displayName}`,
    ]);
  });

  it('is found by the mapping alone where automatic mapping is off', async () => {
    list(anna);
    list(bruno);
    await importAll({ [numberOf(anna)]: mailOf(anna) }, { automaticMapping: false });
    expect(await owed()).toEqual([`${numberOf(anna)}: mapping, ${anna.displayName}`, `${numberOf(bruno)}: not_mapped`]);
  });

  it('with a number that the mapping reads in two ways waits', async () => {
    const owner: Party = { mobile: '+442079460100', email: null, name: null };
    const [written, british, american] = ['2125550101', '+442125550101', '+12125550101'];
    list(anna, { owner, sender: { mobile: written }, recipients: [owner] });
    await importAll({ [british]: mailOf(anna), [american]: mailOf(bruno), '+442079460100': mailOf(cleo) });
    expect((await owed()).sort()).toEqual(
      [`+442079460100: mapping, ${cleo.displayName}`, `${british}: ambiguous_number`].sort(),
    );
  });
});

it('the row that was valid when the message was sent decides, whichever day the import runs', async () => {
  const change = ago(2 * HOUR);
  const sent = (id: string, at: Date) => list(anna, { id, messageTime: at.toISOString() });
  sent('before', new Date(change.getTime() - 1));
  sent('at', change);
  sent('after', ago(HOUR));
  const rows = [
    { mailbox: mailOf(bruno), to: change },
    { mailbox: mailOf(cleo), from: change },
  ];
  await importAll({ [numberOf(anna)]: rows }, { automaticMapping: false });
  const mailboxes = await readMailboxes(engine.graph);
  const of = (person: Person) => (mailboxes.get(person.id) ?? []).map(({ itemId }) => itemId).sort();
  expect([of(bruno), of(cleo)]).toEqual([['before'], ['after', 'at']]);
});

it('a later version moves what is not delivered and leaves what is', async () => {
  list(anna, { id: 'delivered' });
  const waits: Party = { mobile: '+12125559999', email: null, name: null };
  list(anna, { id: 'waits', owner: waits, sender: waits });
  await importAll({ [numberOf(anna)]: mailOf(bruno) });
  source.settledThrough = new Date(source.settledThrough.getTime() + HOUR);
  list(anna, { id: 'pending' });
  await collect(engine, connectorId);
  await mapNumbers(engine, connectorId, { [numberOf(anna)]: mailOf(cleo), '+12125559999': mailOf(cleo) });
  await engine.finish();
  const mailboxes = await readMailboxes(engine.graph);
  const of = (person: Person) => (mailboxes.get(person.id) ?? []).map(({ itemId }) => itemId).sort();
  expect([of(bruno), of(cleo)]).toEqual([['delivered'], ['pending', 'waits']]);
});
