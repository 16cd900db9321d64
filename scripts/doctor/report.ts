/** What `npm run doctor` is asked, and what it says. Pure. */
import { parseArgs } from 'node:util';
import type { Finding, Result } from './finding.ts';

export const USAGE = `npm run doctor -- [--mailbox address]… [--organization id] [--chosen-mailboxes] [--telemessage-user name] [--json]

Checks what this environment names: PostgreSQL, Redis, blob storage, keys, clocks, sign-in, the app in each organization,
TeleMessage. Changes nothing that stays.
--mailbox            writes one message into this mailbox, checks it and removes it
--organization       whose mailbox that is; not needed where ORGANIZATIONS names one
--chosen-mailboxes   mail by RBAC for Applications, for some mailboxes, instead of Mail.ReadWrite for all
--telemessage-user   signs in to TeleMessage, once, with the password in DOCTOR_TELEMESSAGE_PASSWORD
--json               a line of JSON for each check
Ends with 0 where nothing is wrong, 1 where something is, 2 where it could not be run.`;

export interface Asked {
  readonly mailboxes: readonly string[];
  readonly organization: string | null;
  readonly chosenMailboxes: boolean;
  readonly telemessageUser: string | null;
  readonly json: boolean;
}

export class AskedWrongError extends Error {
  override name = 'AskedWrongError';
}

/** @param organizations ORGANIZATIONS. @throws AskedWrongError */
export function askedOf(args: readonly string[], organizations: readonly string[]): Asked {
  const values = valuesOf(args);
  const mailboxes = values.mailbox ?? [];
  const organization = values.organization?.toLowerCase() ?? null;
  if (organization !== null && !organizations.includes(organization)) {
    throw new AskedWrongError(`--organization ${organization} is not in ORGANIZATIONS.`);
  }
  if (mailboxes.length > 0 && organization === null && organizations.length !== 1) {
    throw new AskedWrongError('ORGANIZATIONS names several: say by --organization whose mailbox it is.');
  }
  return {
    mailboxes,
    organization,
    chosenMailboxes: values['chosen-mailboxes'] ?? false,
    telemessageUser: values['telemessage-user'] ?? null,
    json: values.json ?? false,
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        mailbox: { type: 'string', multiple: true },
        organization: { type: 'string' },
        'chosen-mailboxes': { type: 'boolean' },
        'telemessage-user': { type: 'string' },
        json: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new AskedWrongError(error instanceof Error ? error.message : String(error));
  }
}

const WORDS: Readonly<Record<Result, string>> = {
  well: 'well       ',
  beware: 'beware     ',
  wrong: 'WRONG      ',
  not_checked: 'not checked',
};

/** One finding as a person reads it: what was checked, what was found, what to do. */
export function linesOf({ about, result, found, toDo }: Finding): string {
  const line = `${WORDS[result]}  ${about}: ${found}`;
  return toDo === undefined ? line : `${line}\n             ${toDo}`;
}

/** How it ended, and which open questions this run has settled. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (result: Result): number => findings.filter((finding) => finding.result === result).length;
  const settled = findings.flatMap(({ settles }) => (settles === undefined ? [] : [`  - ${settles}`]));
  const sums = `${count('well')} well, ${count('beware')} to know, ${count('wrong')} wrong, ${count('not_checked')} not checked`;
  if (settled.length === 0) return sums;
  return `Settled here, and open in Microsoft's documentation:\n${settled.join('\n')}\n\n${sums}`;
}

/** 0 where nothing is wrong. */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ result }) => result === 'wrong') ? 1 : 0;
}
