/** The catalogue and the description of a connector. */
export const product = {
  search: 'Search connectors',
  searchPlaceholder: 'Name or item type',
  itemType: 'Imports',
  anyItemType: 'Everything',
  results: (count: number) => (count === 1 ? '1 connector' : `${count} connectors`),
  open: (name: string) => `Open ${name}`,
  draftHere: 'Draft',
  liveHere: (count: number) => (count === 1 ? 'Connected' : `${count} connected`),
  facts: {
    imports: 'What it imports',
    folder: 'Into which folder',
    folderOf: (folder: string) => `${folder}, in the mailbox of every participant`,
    often: 'How often',
    oftenValue: 'Once every 24 hours',
    from: 'From where',
    fromValue: "Your organization's TeleMessage account",
  },
  before: 'Before you begin',
  beforeItems: {
    ordered: (name: string) => `The ${name} service is ordered, and you have an administration account at TeleMessage.`,
    registered:
      'Everybody whose messages must be archived is registered at TeleMessage with their Microsoft 365 e-mail address.',
    installed: 'The archiver app is installed and activated on their phones.',
    network: 'The network service is active for their numbers.',
    holds: 'Mailboxes are on hold or have a retention policy.',
    holdsWhy:
      'Without a hold or retention policy users can delete archived messages, and this portal cannot prevent it.',
    consent: 'You know who can give admin consent: a Global Administrator or a Privileged Role Administrator.',
  },
  add: 'Add connector',
  continueSetup: 'Continue setup',
  discard: 'Discard draft',
  discardTitle: 'Discard this draft?',
  discardBody:
    'The connector is unregistered at TeleMessage and everything entered here is deleted. Nothing was imported yet.',
  keep: 'Keep draft',
  draftOf: (who: string) => `A draft of this connector was begun by ${who}.`,
  needsRole: (role: string) => `Adding a connector takes the role ${role}.`,
} as const;
