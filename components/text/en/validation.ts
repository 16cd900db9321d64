/** *Validate connection*: each test, what it found, and what to do where it did not pass. */
import type { ConnectionTestName, SourceProblem } from '#lib/connectors/validation-answer.ts';

export const validation = {
  button: 'Validate connection',
  again: 'Validate again',
  running: 'Checking…',
  label: 'Tests of the connection',
  about: 'Tests what is stored, step by step. Nothing is changed, and nothing is imported by it.',
  results: { passed: 'Passed', waiting: 'Waiting', failed: 'Failed' },
  tests: {
    host: 'TeleMessage answers',
    sign_in: 'Sign-in',
    product: 'Service ordered',
    clock: 'Feed',
    consent: 'Admin consent',
    directory: 'Directory',
    mailbox: 'Mailbox',
  } satisfies Record<ConnectionTestName, string>,
  passed: {
    host: (found: string | null) => (found === null ? 'The host answers.' : `The host answers over ${found}.`),
    sign_in: (found: string | null) => `TeleMessage accepts the login of ${found ?? 'this account'}.`,
    product: () => 'The service is ordered, and this connector is registered there.',
    clock: () => 'TeleMessage has settled everything through',
    consent: () => 'The token carries what is needed.',
    directory: () => 'Users can be found.',
    mailbox: () => 'A mailbox answers.',
  } satisfies Record<ConnectionTestName, (found: string | null) => string>,
  testing: 'Being tested…',
  notRun: 'Tested as soon as the one above has passed.',
  fixes: {
    unknown_host: (host: string) => `The name ${host} is not known here. Ask your network team to check DNS.`,
    no_connection: (host: string) => `We can't reach ${host}. Ask your network team to allow HTTPS to it.`,
    bad_certificate: (host: string) =>
      `${host} shows a certificate that is not believed. Ask your network team whether a proxy opens the connection.`,
    invalid_credentials: () => "TeleMessage didn't accept this username or password. Enter the new password above.",
    refused_before: () =>
      'TeleMessage refused this password before. It is not tried again, because five wrong ones lock the account. Enter the new password above.',
    other_account: () => 'This login is of another account. Enter the login of the account that is named above.',
    suspended: () => 'TeleMessage has suspended it. Ask TeleMessage to activate it.',
    pin_required: () => 'This account needs a PIN. Use an administration account without one.',
    kind_not_ordered: () => "The service isn't ordered for this account any more. Ask TeleMessage.",
    not_registered: () => 'TeleMessage does not know this connector any more. Ask TeleMessage to register it again.',
    login_paused: () =>
      'This username was refused several times, and five wrong passwords lock the account. Nothing was sent. Validate again in 15 minutes.',
    throttled: () => 'TeleMessage asks us to wait. Validate again in a minute.',
    unreachable: (host: string) => `${host} does not answer now. Validate again in a minute.`,
    settles_late: () =>
      'TeleMessage is more than a day behind. Imports follow by themselves; ask TeleMessage if it stays so. Settled through',
    clock_wrong: () => "TeleMessage's clock is wrong. Nothing is imported by it; tell TeleMessage.",
    bad_answer: (host: string) =>
      `${host} answered in a way we don't understand. Ask TeleMessage whether the service has an outage.`,
  } satisfies Record<SourceProblem, (host: string) => string>,
  allPassed: 'Everything passed.',
  notAll: (passed: number, all: number) => `${passed} of ${all} tests passed.`,
} as const;
