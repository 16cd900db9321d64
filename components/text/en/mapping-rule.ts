/** Automatic user mapping and the default region: how they are changed, and what that does. */
import type { RuleDifference } from '#lib/connectors/mapping/difference.ts';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { counted } from './counted.ts';

const number = new Intl.NumberFormat('en-US');
const regions = new Intl.DisplayNames('en', { type: 'region' });

/** "United Kingdom" */
export function regionName(code: string): string {
  return regions.of(code) ?? code;
}

/** "Automatic user mapping is switched on." */
export function ruleChangeSentences({ changes, before, after }: Pick<RuleDifference, 'changes' | 'before' | 'after'>) {
  return changes.map((part) =>
    part === 'automatic'
      ? after.automaticMapping
        ? "Automatic user mapping is switched on: the User's email address is used where the mapping has no match."
        : 'Automatic user mapping is switched off: only the mapping decides.'
      : `The default region is ${regionName(after.defaultRegion)} in place of ${regionName(before.defaultRegion)}.`,
  );
}

/** "12 registered users get a mailbox, 3 get another one, 2 have none any more." */
export function ruleMovesSentence({ added, changed, removed }: NonNullable<RuleDifference['moved']>): string {
  if (added + changed + removed === 0) return 'From now on everybody is archived where they were.';
  const parts = [
    added > 0 && `${counted(added, 'registered user gets', 'registered users get')} a mailbox`,
    changed > 0 &&
      `${counted(changed, 'registered user', 'registered users')} ${changed === 1 ? 'is' : 'are'} archived in another mailbox`,
    removed > 0 && `${counted(removed, 'registered user has', 'registered users have')} no mailbox any more`,
  ].filter((part) => part !== false);
  const waits = removed > 0 ? ' Their messages wait until they are mapped.' : '';
  return `From now on ${parts.join(', ')}.${waits}`;
}

/** "37 waiting items will be imported. What is archived already stays where it is." */
export function ruleEffectSentence({ waitingReleased }: { readonly waitingReleased: number }): string {
  const released =
    waitingReleased === 0
      ? 'It releases no waiting item.'
      : `${counted(waitingReleased, 'waiting item', 'waiting items')} will be imported.`;
  return `${released} What is not sent yet is decided anew. What is archived already stays where it is.`;
}

/** "Automatic user mapping switched on. Default region: United Kingdom." of a version that changed it. */
export function ruleMadeOf({ ruleChanges, automaticMapping, defaultRegion, basedOn }: VersionSummary): string {
  const parts = [
    ruleChanges.includes('automatic') && `Automatic user mapping switched ${automaticMapping ? 'on' : 'off'}.`,
    ruleChanges.includes('region') && `Default region ${regionName(defaultRegion)}.`,
    basedOn !== null && `The rows of version ${basedOn}.`,
  ];
  return parts.filter((part) => part !== false).join(' ');
}

export const mappingRule = {
  label: 'Automatic user mapping',
  hint: "Uses the User's email address where the mapping has no match.",
  region: 'Default region',
  regionHint: 'In which numbers without a country code are read.',
  review: 'Review the change',
  reviewing: 'Comparing…',
  waiting: (version: number, by: string) => `Version ${version} by ${by} proposes another rule and is not applied.`,
  meanwhile: (by: string | null) => `${by ?? 'Somebody'} changed this meanwhile. In force now:`,
  inForce: (automatic: boolean, region: string) =>
    `automatic user mapping ${automatic ? 'on' : 'off'}, default region ${region}. Your choice is kept: look at it, and review it again.`,
  results: {
    nothing_on: 'Turn on automatic mapping or upload a file. Nothing can be imported otherwise.',
    unchanged: 'That is how it is set already.',
    unknown_region: 'Choose a region from the list.',
    not_found: 'This connector is not there any more.',
  },
  rowsStay:
    'Rows of the mapping keep the numbers that they were read as. If your file has numbers without a country code, upload it again afterwards.',
  table: 'Registered users who are archived elsewhere from now on',
  columns: {
    number: 'Number',
    name: 'Name in TeleMessage',
    oldMailbox: 'Mailbox until now',
    newMailbox: 'Mailbox from now on',
  },
  noName: 'Not known',
  waits: 'None: messages wait',
  more: (count: number) => `And ${number.format(count)} more.`,
  sameRows: 'The rows of the mapping stay as they are.',
  inForceAutomatic: 'Automatic mapping',
  on: 'On',
  off: 'Off',
} as const;
