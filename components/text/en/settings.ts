/** The tab *Settings* of a connector. */
import type { FallbackRefusal } from '#lib/connectors/fallback-mailbox.ts';

const notFound = 'This connector is not there any more.';

export const settings = {
  save: 'Save',
  saving: 'Saving…',
  /** @param now what is in force, as a sentence */
  meanwhile: (by: string | null, now: string) =>
    `${by ?? 'Somebody'} changed this meanwhile. ${now} What you typed is kept: look at it, and save it again.`,
  whoSets: 'Somebody with the role DataConnectors.Admin changes it.',
  name: {
    title: 'Name',
    about: 'Changes how the connector is called, for everybody and at once. Folders in mailboxes keep their names.',
    label: 'Name of the connector',
    hint: '1 to 80 characters.',
    done: (name: string) => `The connector is called ${name}.`,
    now: (name: string) => `The connector is called ${name} now.`,
    results: {
      unchanged: 'That is its name already.',
      not_found: notFound,
      bad_name: 'Enter a name of 1 to 80 characters that can all be seen.',
      taken: 'Another connector has this name. Choose one that tells them apart.',
    },
  },
  login: {
    title: 'TeleMessage login',
    about:
      'Changes how the portal signs in to TeleMessage. What is to be imported stays the same: only this account is taken.',
    account: 'Account',
    passwordAlone: 'Enter the new password. The username may stay as it is.',
    passwordHint: 'Stored encrypted. Nobody can read it here again. It is tried once before it is stored.',
    signingIn: 'Signing in…',
    done: 'TeleMessage accepted it, and it is stored. Imports go on.',
  },
  schedule: {
    title: 'Schedule',
    about: 'Changes when the daily import starts. Which days are imported stays the same.',
    label: 'The daily import starts at',
    hint: 'Within the hour every connector has a minute of its own, so that not all start at once.',
    automatic: (time: string) => `Automatic, at ${time}`,
    now: (time: string) => `The daily import starts at ${time}.`,
    nowAutomatic: (time: string) => `The daily import starts at ${time}, which the portal chose.`,
    next: 'Next import:',
    none: 'None while the connector is paused or stopped.',
    done: (time: string) =>
      `The daily import starts at ${time}. If today's has not run and its time is past, it starts within a minute.`,
    results: {
      unchanged: 'That is how it is set already.',
      not_found: notFound,
      bad_hour: 'Choose an hour from the list.',
    },
  },
  mapping: {
    title: 'User mapping rules',
    about:
      'Changes how the mailbox of somebody is found who is in no row of the mapping. It becomes a new mapping version: you see what it does before you apply it.',
  },
  mailboxes: {
    title: 'Which mailboxes',
    about:
      'Changes which mailboxes the portal may open. Messages for any other wait and say so. What was imported stays where it is.',
    all: 'All mailboxes of the organization.',
    chosen: (inside: string | null, outside: string | null) =>
      `Only chosen mailboxes: ${inside ?? 'one inside the scope'} opened when it was checked, and ${outside ?? 'one outside'} was refused.`,
    change: 'Change or check again',
    close: 'Close',
    form: 'Which mailboxes the portal may open',
    limit: 'Check and limit',
    unlimit: 'Check and open all mailboxes',
    check: 'Check again',
    checking: 'Checking…',
    before: {
      chosen:
        'First limit the application in Exchange, then take the permission for all mailboxes away. Imports may stop in between: they go on once the limit is set here, and nothing is lost. The limit is the application’s: set it for each connector of this organization.',
      all: 'First grant Mail.ReadWrite: add it to the API permissions of the app registration as an application permission, and give admin consent there. The role assignment in Exchange can go afterwards.',
    },
    now: (limit: string) => `In force now: ${limit}`,
    done: { all: 'The portal may open all mailboxes.', chosen: 'The portal opens chosen mailboxes only.' },
    unchanged: 'That is how it is set already, and it holds.',
    notProven: 'Nothing was changed. Each check below must pass first.',
    notFound,
  },
  pause: {
    title: 'Pause',
    about: 'Stops imports until somebody resumes them. Nothing is lost: the days between are caught up.',
    running: 'The connector is not paused.',
    paused: 'The connector is paused.',
    pause: 'Pause imports',
    resume: 'Resume imports',
  },
  remove: {
    title: 'Delete',
    about:
      'Stops the connector for good and takes it off every page. What it imported and the evidence of it stay; it is refused while messages wait.',
    label: 'Delete this connector',
  },
  fallback: {
    title: 'Fallback mailbox',
    about:
      'Takes messages as long as nobody they are for has a mailbox. Those people go on waiting for their own copy, and get it when they are mapped.',
    off: 'No fallback mailbox is set. Such messages wait until somebody is mapped.',
    on: 'Such messages are put into',
    address: 'Address of the mailbox',
    addressHint: 'A mailbox of this organization, for example a shared one.',
    set: 'Set fallback mailbox',
    setTitle: 'Set a fallback mailbox?',
    setBody: 'What waits without anybody to receive it is put there too.',
    change: 'Change fallback mailbox',
    changeTitle: 'Change the fallback mailbox?',
    changeBody: (mailbox: string) =>
      `From now on messages go to the new one. What was put into ${mailbox} stays there, and is not put into the new one.`,
    end: 'Turn off',
    endOf: 'Turn off: fallback mailbox',
    endTitle: 'Turn the fallback mailbox off?',
    endBody: (mailbox: string) => `What was put into ${mailbox} stays there. Nothing more is put there.`,
    now: (mailbox: string | null) =>
      mailbox === null ? 'The fallback mailbox is off now.' : `The fallback mailbox is ${mailbox} now.`,
    done: (mailbox: string | null) =>
      mailbox === null ? 'The fallback mailbox is off.' : `The fallback mailbox is ${mailbox}.`,
    results: {
      unchanged: 'That is how it is set already.',
      not_found: 'This connector is not there any more.',
      directory_unavailable:
        "We can't ask the directory of Microsoft 365 just now. Nothing changed. Try again in a few minutes.",
    },
    refusals: {
      not_an_address: 'This is not an e-mail address.',
      mailbox_not_found: 'Nobody in the directory has this address.',
      guest: 'The address belongs to a guest. Guests have no mailbox here.',
      ambiguous_address: 'Two people in the directory have this address.',
      no_mailbox: 'This user has no mailbox.',
      access_denied: 'Microsoft 365 refuses this portal access to this mailbox.',
    } satisfies Record<FallbackRefusal, string>,
    whoSets: 'Somebody with the role DataConnectors.Admin sets it.',
  },
} as const;
