/** The section *Notifications* of a connector's settings. What a mail says is in `lib/notifications/words.ts`. */
import type { Notices } from '#lib/notifications/settings.ts';
import type { UrlProblem } from '#lib/notifications/web.ts';

export const notifications = {
  title: 'Notifications',
  about:
    'People and systems named here are told when an import fails or brings nothing, when messages wait for mapping, when credentials are refused or end soon, when numbers do not balance, and when the mapping changes. Each is told once, and once more when it is over.',
  whoSets: 'Somebody with the role DataConnectors.Admin sets it.',
  mail: 'E-mail',
  nobody: 'Nobody is told by e-mail.',
  noServer: 'The operator has set no mail server (SMTP_HOST): no e-mail can be sent.',
  summaryOn: (hour: number) => `A daily summary is sent at ${clock(hour)} UTC, also when all is well.`,
  summaryOff: 'No daily summary is sent.',
  above: (count: number) =>
    count === 0
      ? 'Waiting for mapping is told as soon as one copy of a message waits.'
      : `Waiting for mapping is told above ${count.toLocaleString('en')} copies of messages.`,
  change: 'Change notifications',
  changeTitle: 'Change notifications',
  changeBody: 'Whoever is new is told what is open already.',
  save: 'Save',
  addresses: 'E-mail addresses',
  addressesHint:
    'One a line, at most 20. Who is named on several connectors gets one mail about all that have the same trouble, and one daily summary over all, at the earliest hour that is set.',
  waitingAbove: 'Tell when more copies than this wait for mapping',
  dailySummary: 'Daily summary, also when all is well',
  summaryHour: 'Hour of the summary (UTC)',
  clock,
  webhook: 'Webhook',
  noWebhook: 'No webhook is set.',
  webhookTo: 'Notices are posted as JSON, signed, to',
  setWebhook: 'Set webhook',
  changeWebhook: 'Change webhook',
  webhookTitle: 'Set a webhook?',
  webhookBody:
    'Each notice is sent there by HTTPS as JSON, signed by the Standard Webhooks specification. A new secret is made and shown once.',
  url: 'Address (https)',
  allowed: (hosts: readonly string[]) =>
    hosts.length === 0
      ? 'The operator allows no host yet (NOTIFICATION_HOSTS).'
      : `The operator allows these hosts: ${hosts.join(', ')}.`,
  remove: 'Remove',
  removeWebhook: 'Remove webhook',
  removeWebhookTitle: 'Remove the webhook?',
  removeWebhookBody: (host: string) => `Nothing more is sent to ${host}. Its secret is forgotten.`,
  webhookSet: 'The webhook is set.',
  webhookRemoved: 'The webhook is removed.',
  secretTitle: 'Secret of the webhook',
  secretOnce: 'Copy it now: it is not shown again. Who receives the notices verifies the signature with it.',
  secretGone: 'I have copied it',
  heartbeat: 'Heartbeat',
  noHeartbeat: 'No heartbeat is set.',
  heartbeatTo: 'After each import that is complete while nothing is wrong, the portal calls:',
  setHeartbeat: 'Set heartbeat',
  changeHeartbeat: 'Change heartbeat',
  heartbeatTitle: 'Set a heartbeat?',
  heartbeatBody:
    'An outside monitor that expects a call a day notices when this portal falls silent, whatever the reason.',
  removeHeartbeat: 'Remove heartbeat',
  removeHeartbeatTitle: 'Remove the heartbeat?',
  removeHeartbeatBody: (host: string) => `${host} is not asked for any more.`,
  heartbeatSet: 'The heartbeat is set.',
  heartbeatRemoved: 'The heartbeat is removed.',
  test: 'Send a test',
  testBeats: 'A test also calls the heartbeat: its monitor takes that for a sign of life.',
  testing: 'Sending…',
  tested: 'What the servers answered',
  nobodyToTest: 'Nobody is named yet: there is nobody to send a test to.',
  saved: 'Notifications are saved.',
  now: ({ addresses, waitingAbove, dailySummary, summaryHour }: Notices) =>
    [
      `In force now: ${addresses.length === 0 ? 'nobody by e-mail' : addresses.join(', ')};`,
      `waiting is told above ${waitingAbove.toLocaleString('en')};`,
      dailySummary ? `daily summary at ${clock(summaryHour)} UTC.` : 'no daily summary.',
    ].join(' '),
  addressNow: (host: string | null) => (host === null ? 'None is set now.' : `An address at ${host} is set now.`),
  results: {
    not_found: 'This connector is not there any more.',
    too_soon: 'A test was sent a moment ago. Try again in a minute.',
    too_many: 'These are more than 20 addresses. Use a distribution group.',
  },
  notAnAddress: (address: string) => `“${address}” is not an e-mail address. Correct it, or take it out.`,
  notANumber: 'The number of copies must be a whole number from 0 to 1,000,000.',
  urlProblems: {
    not_a_url: 'This is not an address. It begins with https://.',
    not_https: 'The address must begin with https://.',
    has_credentials: 'The address must not carry a name or a password.',
    host_not_allowed: 'The operator does not allow this host. Ask for it to be added to NOTIFICATION_HOSTS.',
  } satisfies Record<UrlProblem, string>,
  latest: 'Latest notices',
  none: 'None yet.',
  columns: { at: 'Created', what: 'Notice', to: 'To', state: 'State' },
  kinds: {
    began: 'Began',
    ended: 'Recovered',
    mapping_changed: 'Mapping changed',
    summary: 'Daily summary',
    heartbeat: 'Heartbeat',
    test: 'Test',
  },
  states: {
    pending: 'On its way',
    retried: (attempts: number) =>
      `Not delivered yet, tried ${attempts === 1 ? 'once' : `${attempts} times`}. It is tried on.`,
    sent: 'Sent',
    withdrawn: 'Not sent: no longer named',
    superseded: 'Not sent: a newer notice tells it',
  },
  together: (connectors: number) => `One mail about ${connectors.toLocaleString('en')} connectors`,
  undeliveredTitle: 'Notices can’t be delivered',
  undelivered: {
    email: (count: number) => `${notices(count)} by e-mail, the oldest since`,
    webhook: (count: number) => `${notices(count)} to a webhook, the oldest since`,
    heartbeat: (count: number) => `${heartbeats(count)} to a monitor, the oldest since`,
  },
  serverSaid: (answer: string) => `The server’s last answer: ${answer}`,
  undeliveredGoesOn:
    'They are tried until they get through, or until a newer notice tells the same. Ask the operator to look at the mail server or the receiver.',
  ok: 'Accepted',
  failed: 'Not accepted',
} as const;

function notices(count: number): string {
  return count === 1 ? '1 notice waits' : `${count.toLocaleString('en')} notices wait`;
}

function heartbeats(count: number): string {
  return count === 1 ? '1 heartbeat waits' : `${count.toLocaleString('en')} heartbeats wait`;
}

/** 06:00 */
function clock(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}
