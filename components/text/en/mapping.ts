/** *User mapping*: versions, their differences, and how one comes into force. */
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { copies, counted } from './counted.ts';
import { ruleMadeOf } from './mapping-rule.ts';

const number = new Intl.NumberFormat('en-US');
const rows = (count: number): string => counted(count, 'row');

interface Effect {
  readonly waitingReleased: number;
  readonly archivedLast30Days: number;
}

/** "37 waiting items will be imported. 412 copies archived in the last 30 days stay in the old mailboxes." */
export function effectSentence({ waitingReleased, archivedLast30Days }: Effect): string {
  const released =
    waitingReleased === 0
      ? 'It releases no waiting item.'
      : `${counted(waitingReleased, 'waiting item', 'waiting items')} will be imported.`;
  const one = archivedLast30Days === 1;
  const stays =
    archivedLast30Days === 0
      ? 'Nothing archived in the last 30 days lies in another mailbox.'
      : `${copies(archivedLast30Days)} archived in the last 30 days ${one ? 'stays in the old mailbox' : 'stay in the old mailboxes'}.`;
  return `${released} ${stays}`;
}

/** Who changed the mapping while somebody else looked at it. */
export function meanwhileSentence({
  by,
  number: version,
}: {
  readonly by: string | null;
  readonly number: number | null;
}) {
  if (version === null) return 'The mapping was taken out of force meanwhile. Your version was not applied.';
  return `${by ?? 'Somebody'} applied version ${version} meanwhile. Yours was not applied.`;
}

/** What a version is made of, beside what its file says. */
export function madeOf(version: VersionSummary): string {
  const { mode, basedOn, leftOutCount, portalRows } = version;
  const parts = [
    mode === 'rule' && ruleMadeOf(version),
    mode === 'restore' && `The rows of version ${basedOn}.`,
    mode === 'add' && (basedOn === null ? 'Added to nothing.' : `Added to version ${basedOn}.`),
    mode === 'replace' && 'In place of the whole mapping.',
    leftOutCount > 0 && `${counted(leftOutCount, 'row')} with errors ${leftOutCount === 1 ? 'was' : 'were'} left out.`,
    portalRows === 'keep' && 'Rows added in the portal were kept.',
    portalRows === 'remove' && 'Rows added in the portal were removed.',
  ];
  return parts.filter((part) => part !== false).join(' ');
}

export const mapping = {
  title: 'User mapping',
  upload: 'Upload mapping',
  uploadNew: 'Upload new version',
  template: 'Download CSV mapping template',
  downloadCurrent: 'Download current mapping',
  download: 'Download CSV',
  downloadOf: (version: number) => `Download CSV of version ${version}`,
  whoUploads: 'Somebody with the role DataConnectors.Admin uploads a new version.',
  applied: (version: number) => `Version ${version} is in force. What waits for it is imported by itself.`,

  inForce: {
    title: 'Version in force',
    none: 'No mapping file is in force.',
    noneHelp: "Where automatic user mapping is on, the User's email address at TeleMessage decides.",
    version: 'Version',
    appliedBy: 'Applied by',
    proposedBy: 'Proposed by',
    approvedBy: 'Approved by',
    rows: 'Rows',
    why: 'Why',
    file: 'File',
    noFile: 'None: it was made in the portal',
    sha256: 'SHA-256 of the file',
  },

  proposals: {
    waits: (version: number, by: string) => `Version ${version} waits for approval. ${by} asked for it.`,
    proposed: (version: number, by: string) => `Version ${version} is proposed by ${by} and not applied.`,
    reviewOf: (version: number) => `Review version ${version}`,
  },

  versions: {
    title: 'Versions',
    table: 'Mapping versions',
    columns: {
      version: 'Version',
      who: 'Who',
      why: 'Why',
      rows: 'Rows',
      file: 'File',
      commands: 'What can be done',
    },
    statuses: {
      in_force: 'In force',
      superseded: 'Superseded',
      proposed: 'Proposed',
      discarded: 'Discarded',
    } satisfies Record<VersionSummary['status'], string>,
    declined: 'Declined',
    origins: {
      file: '',
      portal: 'Made in the portal',
      api: 'By the API',
    } satisfies Record<VersionSummary['origin'], string>,
    approvedBy: (name: string) => `Approved by ${name}`,
    noReason: 'None given',
    sha: (hash: string) => `SHA-256 ${hash}`,
    compareOf: (version: number) => `Compare version ${version}`,
    older: 'Older versions',
    newest: 'Newest',
  },

  cleared: 'It was discarded and never in force. Its rows were kept for 30 days and removed on',
  clearedShort: 'Rows removed',

  back: 'Back to User mapping',
  check: {
    title: 'Check',
    choose: 'Choose file',
    another: 'Choose another file',
    drop: 'or drop it here',
    file: 'Mapping file',
    hint: 'CSV, up to 64 MB or 1,000,000 rows.',
    tooLarge: 'This file is larger than 64 MB.',
    gone: 'This connector is not there any more.',
    allGood: 'No row has an error.',
    kept: 'The mapping in force stays as it is until you apply this version.',
  },

  difference: {
    with: (version: number | null) =>
      version === null ? 'No mapping is in force yet' : `Difference with version ${version}`,
    rule: 'What changes',
    first: 'Every row is added.',
    chooseFirst: 'Choose a file first.',
    mode: 'What the file is',
    replace: 'Replace the whole mapping',
    replaceHint: 'Rows that are not in the file are removed.',
    add: 'Add to it',
    addHint: 'Rows that are not in the file stay. Where a number is in both, the file decides.',
    switchTo: { replace: 'Replace the whole mapping instead', add: 'Add to it instead' },
    portal: (count: number) =>
      count === 1
        ? '1 row was added in the portal and is not in the file. What is to become of it?'
        : `${number.format(count)} rows were added in the portal and are not in the file. What is to become of them?`,
    keepPortal: (count: number) => (count === 1 ? 'Keep this row' : `Keep these ${number.format(count)} rows`),
    removePortal: (count: number) => (count === 1 ? 'Remove this row' : `Remove these ${number.format(count)} rows`),
    comparing: 'Comparing…',
    kinds: {
      changed: 'Changed',
      removed: 'Removed',
      added: 'Added',
      unchanged: 'Unchanged',
      disagreeing: "Differs from TeleMessage's e-mail",
      newly_disagreeing: "Differs from TeleMessage's e-mail for the first time",
      other_connector: 'Also mapped by another connector',
    },
    tiles: 'Rows by what became of them',
    count: (count: number) => number.format(count),
    table: (kind: string) => `Rows: ${kind}`,
    columns: {
      number: 'Number',
      name: 'Name in TeleMessage',
      oldMailbox: 'Old mailbox',
      newMailbox: 'New mailbox',
      mailbox: 'Mailbox',
      archived: 'Archived in the last 30 days',
      from: 'Valid from',
      email: "TeleMessage's e-mail",
      otherConnector: 'Other connector',
    },
    none: 'None',
    noName: 'Not known',
    always: 'Always',
    until: 'until',
    noRows: 'No row of this kind.',
    countedAt: 'Counted',
    countAgain: 'Count again',
    first50: 'First rows',
    next50: 'Next 50',
  },

  compare: {
    title: (version: number) => `Version ${version}`,
    against: 'Compared with',
    nothing: 'Nothing',
    with: (version: number | null) =>
      version === null ? 'Every row of this version' : `Difference with version ${version}`,
    version: (version: number, status: string) => `Version ${version} (${status})`,
    restoreOf: (version: number) => `Go back to version ${version}`,
    restoreResults: {
      in_force: 'This version is in force.',
      cleared: 'The rows of this version were removed.',
      not_found: 'This version is not there any more.',
    },
  },

  effect: {
    title: 'Effect',
    chooseFirst: 'Seen when the file is compared.',
    why: 'Why?',
    whyHint: 'It is kept with the version and in the audit log.',
    apply: (version: number) => `Apply version ${version}`,
    request: 'Request approval',
    approve: (version: number) => `Approve and apply version ${version}`,
    decline: 'Decline',
    declineTitle: (version: number) => `Decline version ${version}?`,
    declineBody: 'The proposal ends. The mapping in force stays as it is.',
    declineWhy: 'Why do you decline it?',
    discard: 'Discard',
    discardOf: (version: number) => `Discard version ${version}`,
    discardTitle: (version: number) => `Discard version ${version}?`,
    discardBody: 'The proposal ends, and its rows are kept for 30 days. The mapping in force stays as it is.',
    type: (phrase: string) => `Type “${phrase}” to confirm`,
    typedHint: 'More is changed or removed than a small correction would.',
    countsChanged:
      'TeleMessage or the directory says something else than when this was counted. It is counted again: look at it, and confirm what is asked for now.',
    mistyped: (phrase: string) => `Type “${phrase}” exactly as it is written there.`,
    shifted: (newly: number, comparable: number) =>
      `Rows look shifted: ${number.format(newly)} of ${rows(comparable)} newly disagree with TeleMessage's e-mail. Mailboxes may have been sorted without their numbers.`,
    shiftedHint: 'Only after you looked at these rows.',
    needsApproval: 'Your organization demands that another administrator approves a change as large as this one.',
    requested: (by: string) => `${by} asked for approval`,
    reason: (reason: string) => `Why: ${reason}`,
    waitsForOther: 'Another administrator has to approve it.',
    compareAgain: 'Compare again',
    stale: 'Another version came into force since this one was made. Compare again before you apply it.',
    results: {
      not_found: 'This proposal was applied, discarded or declined meanwhile.',
      not_needed: 'It needs no approval any more. Load the page again.',
      needs_approval: 'It needs the approval of another administrator. Load the page again.',
      not_requested: 'Nobody asks for approval any more.',
      own_proposal: 'You proposed it. Another administrator has to approve it.',
      asked_by_another: 'Somebody asked for its approval meanwhile. Decline it, and say why.',
      too_large: 'Beside what is in force now it has more rows than a mapping may have. Upload a smaller file.',
      bad_reason: 'Say why, in 3 to 1,000 characters.',
      nothing_on: 'Turn on automatic mapping or upload a file. Nothing can be imported otherwise.',
      unchanged: 'Somebody set it so meanwhile. This proposal changes nothing any more: discard it.',
      read_in_other_region:
        'The default region was changed since the numbers of this file were read. Upload the file again.',
    },
    overruled: (count: number) =>
      count === 1
        ? 'Somebody chose a mailbox in the portal, and this version gives the number another one:'
        : `For ${number.format(count)} rows somebody chose a mailbox in the portal, and this version gives their numbers another one:`,
    overrules: (old: string, mailbox: string | null) => `${old} becomes ${mailbox ?? 'no mailbox'}`,
    overruledFirst: (shown: number) => `The first ${number.format(shown)} are listed.`,
    noChange: 'This version says the same as the one in force.',
  },

  approval: {
    title: 'Approval of mapping changes',
    about:
      'A mapping version that changes more than 10 rows and more than 1 %, or removes more than 10 %, can wait for another administrator. It holds for all connectors of the organization.',
    on: 'Another administrator has to approve such versions.',
    off: 'Whoever uploads such a version applies it, after typing a confirmation.',
    turnOn: 'Demand approval',
    turnOnTitle: 'Demand the approval of another administrator?',
    turnOnBody:
      'From now on nobody applies a large change alone, and two administrators are needed to switch it off again. Make sure that somebody else has the role DataConnectors.Admin.',
    turnOff: 'Turn off approval',
    turnOffTitle: 'Turn off the approval of another administrator?',
    turnOffBody: 'It stays on until another administrator turns it off, too.',
    agreeBody: (name: string) => `${name} asked for it. From then on one administrator alone applies large changes.`,
    keepOn: 'Keep it on',
    keepOnTitle: 'Keep the approval on?',
    keepOnBody: 'The request to turn it off ends.',
    asks: (name: string) => `${name} asks to turn it off. Another administrator has to agree.`,
    asked: 'It stays on until another administrator turns it off, too.',
    done: (demanded: boolean) => (demanded ? 'Approval is demanded.' : 'Approval is not demanded any more.'),
    unchanged: 'It is set so already.',
    whoSets: 'Somebody with the role DataConnectors.Admin sets it.',
  },

  people: {
    looking: 'Looking in the directory…',
    found: (people: number) =>
      people === 0
        ? 'Nobody is found whose name or address begins so. An address that you type is taken as it is.'
        : `${counted(people, 'person', 'people')} found. Choose with the arrow keys and Enter.`,
    unavailable: "The directory doesn't answer. Type the whole address.",
  },

  mapNumber: {
    title: 'Map a number',
    about: (numbers: number, more: boolean) =>
      more
        ? `The ${number.format(numbers)} numbers that most copies wait for.`
        : `${counted(numbers, 'number')} ${numbers === 1 ? 'has' : 'have'} no mailbox that can be used.`,
    table: 'Numbers without a mailbox',
    columns: {
      number: 'Number',
      name: 'Name in TeleMessage',
      suggested: 'Suggested mailbox',
      waiting: 'Waiting copies',
      oldest: 'Oldest',
      commands: 'What can be done',
    },
    noName: 'Not known',
    noSuggestion: 'None',
    map: 'Map',
    who: ({ name, number: mobile }: { readonly name: string | null; readonly number: string }) =>
      name === null ? mobile : `${name} (${mobile})`,
    mapOf: (who: string) => `Map ${who}`,
    dialogTitle: (who: string) => `Map ${who}`,
    body: 'It makes a mapping version with this row added, in force at once.',
    mailbox: 'Mailbox',
    mailboxHint: 'A mailbox of this organization: begin to type a name or an address.',
    from: 'Since (UTC)',
    fromHint: 'Messages since the beginning of this day. Empty: all messages.',
    why: 'Why?',
    submit: (count: number) =>
      count === 1 ? 'Map and import 1 copy' : `Map and import ${number.format(count)} copies`,
    done: (version: number) => `Version ${version} is in force. What waits for it is imported by itself.`,
    badFrom: 'This is not a day.',
    results: {
      unchanged: 'The number is mapped to this mailbox already.',
      bad_reason: 'Say why, in 3 to 1,000 characters.',
      asks_from: 'This number has mailboxes for limited times. Say since when the new one holds.',
      not_within_guards: 'This changes more than one row. Upload a new version instead.',
      not_found: 'This connector is not there any more.',
    },
    badNumber: 'This number cannot be read. Upload a new version instead.',
  },
} as const;
