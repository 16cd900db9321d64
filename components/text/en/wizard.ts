/** The wizard that adds a connector. The words on terms, steps and refusals come from the documentation it follows. */
import { waitingTime } from './counted.ts';

export const wizard = {
  title: (name: string) => `Add ${name}`,
  steps: 'Steps',
  progress: (position: number, count: number) => `Step ${position} of ${count}`,
  done: 'done',
  back: 'Back',
  next: 'Next',
  save: 'Save and close',
  saved: 'Draft saved',
  saving: 'Saving…',
  draftGone: 'This draft was finished or discarded by somebody else. Go to Data connectors to see what is there.',
  fix: (count: number) => (count === 1 ? 'Fix this to go on' : `Fix these ${count} to go on`),

  terms: {
    title: 'Terms of service',
    version: (version: string) => `Version ${version}`,
    region: 'Terms of service, scrollable',
    accept: 'Accept',
    accepting: 'Saving…',
    otherVersion: (version: string) => `Version ${version} is in force meanwhile. Read it and accept again.`,
    recorded: 'We record your name, the version and the time.',
    accepted: (who: string) => `Accepted by ${who}`,
  },

  login: {
    title: 'Login to TeleMessage',
    order: 'Step 1: Order the service',
    orderItems: (name: string) => [
      `Order ${name} from TeleMessage.`,
      'Get an administration account for your organization.',
    ],
    orderLink: 'Order at TeleMessage',
    register: 'Step 2: Register users',
    registerApp: [
      'Register every user with the same e-mail address as in Microsoft 365.',
      'Install and activate the archiver app on their phones.',
    ],
    registerNetwork: [
      'Register every user with the same e-mail address as in Microsoft 365.',
      'Check that the service is active for their numbers.',
    ],
    registerLink: 'How to register users',
    signIn: 'Step 3: Sign in',
    username: 'Username',
    usernameHint: 'An administration account, not a phone user.',
    usernameNeeded: 'Enter the username of your TeleMessage administration account.',
    password: 'Password',
    passwordHint: 'Stored encrypted. Nobody can read it here again.',
    passwordNeeded: 'Enter the password.',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    connectedAs: (account: string, users: number) => `Connected to ${account}, ${registered(users)}.`,
    change: 'Use another account',
    keep: 'Keep this account',
    signingIn: 'Signing in…',
    registering: 'Registering…',
    createdTitle: 'Connector created',
    created: (account: string, users: number) => `Account ${account}, ${registered(users)}.`,
    close: 'Close',
    refusals: {
      invalid_credentials: "TeleMessage didn't accept this username or password.",
      suspended: 'This account is suspended. Ask TeleMessage to activate it.',
      pin_required: 'This account needs a PIN. Use an administration account without one.',
      kind_not_ordered: (name: string) => `${name} isn't ordered for this account.`,
      login_paused: (seconds: number) =>
        `This username was refused several times. TeleMessage locks an account after five wrong passwords, so nothing was sent. Try again in ${waitingTime(seconds)}.`,
      throttled: (seconds: number) => `TeleMessage asks us to wait. Try again in ${seconds} seconds.`,
      unreachable: (host: string) => `We can't reach ${host}. Ask your network team to allow HTTPS to it.`,
      bad_answer: (host: string) =>
        `${host} answered in a way we don't understand. Ask TeleMessage whether the service has an outage.`,
      already_live: (name: string) =>
        `"${name}" already imports from this account. Sign in with another account, or change that connector.`,
    },
  },

  mapping: {
    title: 'User mapping',
    automatic: 'Automatic user mapping',
    automaticHint: "Uses the User's email address where the file has no match.",
    file: 'Custom mapping file (optional)',
    fileHint: 'CSV, up to 64 MB or 1,000,000 rows.',
    choose: 'Choose file',
    drop: 'or drop it here',
    template: 'Download CSV mapping template',
    reading: 'Reading…',
    waits: 'Other files are being read. Yours waits for its turn, and is sent again by itself.',
    uploading: 'Uploading…',
    readSoFar: (rows: number, wrong: number) =>
      wrong === 0 ? `${count(rows)} rows so far.` : `${count(rows)} rows so far, ${count(wrong)} with errors.`,
    cancel: 'Cancel',
    unreadable: "This file can't be read. It may have been moved or changed. Choose it again.",
    otherRegion: (name: string) =>
      `The file was read with the default region ${name}. Choose the file again to read it in another one.`,
    unknownRegion: 'Choose a region from the list.',
    coverageChecking: 'Checking who has a mailbox…',
    coverageTooMany: (users: number) =>
      `${count(users)} users are registered. Who of them has a mailbox is checked after this wizard: see User coverage of the connector.`,
    reasons: {
      not_mapped: () => 'No row in the file and no address to map by.',
      ambiguous_number: () => 'The number can be read in two regions.',
      foreign_address: (address: string) => `${address} is not in a verified domain of your organization.`,
      mailbox_not_found: (address: string) => `Nobody has the address ${address}.`,
      guest: (address: string) => `${address} belongs to a guest.`,
      ambiguous_address: (address: string) => `Several people have the address ${address}.`,
      no_mailbox: (address: string) => `${address} has no mailbox.`,
      mailbox_closed: (address: string) => `This application may not open the mailbox of ${address}.`,
    },
    tooLarge: 'This file is larger than 64 MB.',
    inForce: (name: string, rows: number) => `${name}: ${rows === 1 ? '1 row' : `${count(rows)} rows`}`,
    leftOut: (rows: number) =>
      rows === 1 ? '1 row with errors was left out.' : `${count(rows)} rows with errors were left out.`,
    remove: 'Remove file',
    another: 'Choose another file',
    rowsGood: (rows: number) => (rows === 1 ? '1 row can be used.' : `${count(rows)} rows can be used.`),
    rowsWrong: (wrong: number, all: number) =>
      `${count(wrong)} of ${count(all)} rows ${wrong === 1 ? 'has' : 'have'} errors.`,
    firstErrors: (shown: number) => `The first ${shown} are shown.`,
    downloadErrors: 'Download errors',
    applyWithout: (rows: number) => (rows === 1 ? 'Apply without this row' : `Apply without these ${count(rows)} rows`),
    preview: 'First rows of the file',
    previewColumns: { row: 'Row', number: 'Number', mailbox: 'Mailbox' },
    errorColumns: { row: 'Row', column: 'Column', value: 'Value', reason: 'What is wrong' },
    errorTable: 'Rows with errors',
    decide: 'Apply the file without its wrong rows, or choose another one.',
    region: 'Default region',
    regionHint: 'How to read numbers without a country code.',
    coverage: (mapped: number, all: number) => `${count(mapped)} of ${count(all)} registered users have a mailbox.`,
    coverageMissing: (missing: number) =>
      missing === 1 ? 'See the one who doesn’t.' : `See the ${count(missing)} who don’t.`,
    coverageLater: 'We can check who has a mailbox after admin consent.',
    coverageFailed: "We couldn't check the mailboxes. Nothing changed.",
    missingTable: 'Registered users without a mailbox',
    missingColumns: { name: 'Name', number: 'Number', address: "User's email address", reason: 'Why' },
    none: 'None',
    nothingOn: 'Turn on automatic mapping or upload a file. Nothing can be imported otherwise.',
  },

  consent: {
    title: 'Admin consent',
    lead: 'The portal needs these permissions in your organization.',
    permissionColumns: { permission: 'Permission', why: 'Why' },
    permissions: [
      {
        name: 'Read all users’ full profiles',
        value: 'User.Read.All',
        why: 'To find the mailbox that belongs to a number or an e-mail address.',
      },
      {
        name: 'Read and write mail in all mailboxes',
        value: 'Mail.ReadWrite',
        why: 'To create the folder, write messages into it, and check that each is there exactly once.',
      },
    ],
    scopeWhy: 'Messages are only written where a mapping or an e-mail address says so.',
    mode: {
      label: 'Which mailboxes may the portal open?',
      all: 'All mailboxes',
      chosen: 'Only chosen mailboxes (RBAC for Applications)',
      hints: {
        all: 'One consent, and nothing to do in Exchange.',
        chosen: 'Consent covers the directory alone. An Exchange administrator says which mailboxes.',
      },
    },
    permissionsChosen: [
      {
        name: 'Read all users’ full profiles',
        value: 'User.Read.All',
        why: 'By consent. To find the mailbox that belongs to a number or an e-mail address.',
      },
      {
        name: 'Read and write mail in chosen mailboxes',
        value: 'Application Mail.ReadWrite',
        why: 'In Exchange, for the mailboxes of a scope. To create the folder, write messages into it, and check that each is there exactly once.',
      },
    ],
    whoChosen:
      'Consent grants everything that the app registration lists: see that Mail.ReadWrite is not among its API permissions.',
    exchange: {
      title: 'Limit in Exchange',
      lead: 'An Exchange administrator runs these commands in PowerShell. The fifth puts a mailbox into the scope: repeat it for each mailbox.',
      copy: 'Copy commands',
      copied: 'Copied.',
      copyFailed: 'Copying is not allowed here. Select the commands and copy them.',
      objectId: 'The object id stands in them once consent is given.',
      delay: 'Exchange takes up to 2 hours to put a scope into force.',
    },
    mailboxes: {
      title: 'Two mailboxes to prove it',
      lead: 'We write one message into the first, find it and remove it. The second must refuse us.',
      inside: 'A mailbox inside the scope',
      outside: 'A mailbox outside the scope',
      hints: {
        inside: 'The message goes into a folder of its own, "Archive portal check", which is removed too.',
        outside: 'Nothing is written here.',
      },
      notAnAddress: {
        inside: 'Enter the e-mail address of a mailbox inside the scope.',
        outside: 'Enter the e-mail address of a mailbox outside the scope.',
      },
    },
    give: 'Give consent',
    copy: 'Copy link for an administrator',
    copied: (hours: number) => `Copied. The link works once, for ${hours} hours.`,
    copyFailed: 'Copying is not allowed here. Copy this link:',
    who: 'A Global Administrator or Privileged Role Administrator must accept. You can close this page.',
    waiting: 'Waiting for consent',
    waitingSince: 'A link was made at',
    check: 'Check again',
    checkBoth: 'Check both mailboxes',
    checking: 'Checking…',
    given: 'Consent is given.',
    givenChosen: 'Consent is given, for chosen mailboxes only.',
    checks: 'Checks',
    checkNames: { consent: 'Consent', directory: 'Directory', mailbox: 'A mailbox', outside: 'Outside the scope' },
    checkNamesChosen: {
      consent: 'Consent',
      directory: 'Directory',
      mailbox: 'Inside the scope',
      outside: 'Outside the scope',
    },
    results: { passed: 'Passed', waiting: 'Waiting', failed: 'Failed', not_run: 'Waiting' },
    passes: {
      consent: 'Both permissions are granted.',
      directory: 'Users can be found.',
      mailbox: 'A mailbox answers.',
      outside: 'This mailbox refuses us, as it must.',
    },
    passesChosen: {
      consent: 'The directory may be read, and mail is not granted for all mailboxes.',
      directory: 'Users can be found.',
      mailbox: 'One message was written, found and removed.',
      outside: 'This mailbox refuses us, as it must.',
    },
    fixesChosen: {
      not_run: 'Name both mailboxes, then choose Check both mailboxes.',
      address_needed: 'Enter the address of this mailbox.',
      address_unknown: 'Nobody in your organization has this address, or several people have it.',
      no_mailbox: 'This person has no mailbox in Exchange Online. Name another one.',
    },
    fixes: {
      not_run: 'Checked as soon as the one above has passed.',
      not_consented: 'Nobody has consented yet.',
      roles_missing: (roles: readonly string[]) =>
        `${roles.join(' and ')} ${roles.length === 1 ? 'is' : 'are'} not granted yet. After consent this can take a few minutes.`,
      unlimited:
        'Mail is granted for all mailboxes, so no mailbox is outside. Remove Mail.ReadWrite and Mail.Read from the API permissions of the app registration, and revoke them in Enterprise applications, Permissions.',
      out_of_scope:
        'Exchange refuses this mailbox. Run the commands, and see that it is in the scope. It takes up to 2 hours; Test-ServicePrincipalAuthorization tells at once what will be.',
      not_refused:
        'This mailbox opens. Name one that is not in the scope, or see the scope in Exchange: taking a mailbox out takes up to 2 hours.',
      same_mailbox: 'This is the mailbox inside the scope. Name another one.',
      not_written: 'The message could not be written and found there. Try again, or name another mailbox.',
      not_removed:
        'The message could not be removed. Delete the folder "Archive portal check" in this mailbox, then check again.',
      wrong_tenant:
        'Microsoft answered for another organization. Ask whoever runs the portal to check its app registration.',
      credential_refused:
        "Microsoft refused the portal's own secret or certificate. Ask whoever runs the portal to renew it.",
      forbidden:
        'Microsoft still refuses access. After consent this can take a few minutes; if it stays, look for an application access policy.',
      address_unknown: 'We found no member of your organization to try.',
      no_mailbox: 'None of the mailboxes that we tried answers. Check that people have an Exchange Online licence.',
      address_needed: 'Name a mailbox to try.',
      unreachable: "We can't reach Microsoft. Try again in a minute.",
      unexpected: 'Microsoft answered in a way we did not expect. Try again; the details are in the log of the portal.',
    },
    declined: 'Consent was declined. Nothing changed.',
    failedAtMicrosoft: 'Microsoft could not record the consent. Nothing changed. Try again.',
    wrongTenant: (given: string, expected: string) => `Consent was given for ${given}. It must be ${expected}.`,
    neededChosen:
      'The limit must be proven before you can go on: each check must pass. You can close this page and come back.',
    needed: 'Consent must be given before you can go on. Give consent, or copy the link for somebody who can.',
  },

  answer: {
    thanksTitle: 'Thank you',
    thanks: 'Thank you. You can close this page.',
    declinedTitle: 'Consent was declined',
    failedTitle: 'Consent was not recorded',
    anotherOrganization: 'another organization',
    wrongTitle: 'Consent was given for another organization',
    usedTitle: 'This link was used already',
    used: 'A consent link works once. Ask for a new one if consent is still missing.',
    expiredTitle: 'This link has expired',
    expired: 'Ask for a new link.',
    invalidTitle: 'This link is not valid',
    invalid: 'Open it exactly as you received it, or ask for a new one.',
    tooManyTitle: 'Consent was not recorded yet',
    tooMany:
      'Many answers came from your network in a short while. Wait a minute, then open the consent link again. It was not used up.',
    waitTitle: 'Thank you',
    wait: 'Microsoft needs a few minutes to apply the consent. You can close this page.',
  },

  review: {
    title: 'Review',
    edit: 'Edit',
    editStep: (step: string) => `Edit ${step}`,
    terms: 'Terms of service',
    login: 'TeleMessage account',
    account: 'Account',
    username: 'Username',
    registeredUsers: 'Registered users',
    mapping: 'User mapping',
    automatic: 'Automatic user mapping',
    on: 'On',
    off: 'Off',
    file: 'Mapping file',
    noFile: 'None',
    region: 'Default region',
    coverage: 'Mailboxes',
    consent: 'Admin consent',
    permissions: 'Permissions',
    mailboxes: 'Which mailboxes',
    proven: 'Checked',
    folder: 'Folder',
    firstImport: 'First import',
    firstImportSince: 'Items that reached TeleMessage since (UTC)',
    firstImportHint: 'By default 24 hours ago.',
    firstImportEarliest: 'TeleMessage keeps items since',
    firstImportInvalid: 'Enter a date and a time.',
    firstUser: 'Import one user first, then ask',
    firstUserHint: 'Messages of the others are collected and kept until you let them follow.',
    firstUserAddress: 'Address of this user',
    firstUserAddressHint: 'A mailbox of this organization.',
    firstUserUnavailable:
      "We can't ask the directory of Microsoft 365 just now. Nothing changed. Try again in a few minutes.",
    firstImportFuture: 'TeleMessage has nothing final of this time yet. Choose an earlier one.',
    firstImportGone: (earliest: string) => `TeleMessage keeps items since ${earliest}. Choose that time or later.`,
    folderExists: (count: number, checked: number, folder: string) =>
      `${count} of ${checked} mailboxes already have a folder "${folder}". New messages go into the same folder.`,
    finish: 'Finish',
    starts: 'The first import starts at once.',
    finishing: 'Finishing…',
    refusals: {
      incomplete: (step: string) => `"${step}" is not done yet. Go back to it.`,
    },
  },
} as const;

function registered(users: number): string {
  return users === 1 ? '1 registered user' : `${count(users)} registered users`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
