/**
 * The terms of service that an administrator accepts before a connector exists. A new text gets a new version; what was
 * accepted is recorded with it and stays.
 */

export interface Terms {
  readonly version: string;
  /** ISO date from which this version is in force */
  readonly date: string;
  readonly sections: readonly { readonly title: string; readonly paragraphs: readonly string[] }[];
}

export const TERMS: Terms = {
  version: '1.0',
  date: '2026-11-01',
  sections: [
    {
      title: 'What the connector does',
      paragraphs: [
        "The connector signs in to your organization's TeleMessage account once every day, reads the mobile communication that reached it since the last import, converts each item to a mail message and writes it into a folder of the mailbox of every participant who belongs to your organization.",
        'It reads from TeleMessage only. It changes nothing there except that it registers itself, and it removes that registration when the connector or its draft is deleted.',
      ],
    },
    {
      title: 'What you are responsible for',
      paragraphs: [
        'You confirm that your organization may archive the communication of the people whose phones are registered, and that they were informed as the law of their country demands.',
        'You decide who is mapped to which mailbox. A message that is written into a mailbox can be read by whoever can open that mailbox.',
        'Archived messages are ordinary mailbox content. Without a hold or a retention policy users can delete them, and the connector cannot prevent it.',
      ],
    },
    {
      title: 'Your credentials',
      paragraphs: [
        'The password of the TeleMessage account is stored encrypted on the servers of this installation. It is decrypted only to sign in to TeleMessage and is never shown again.',
      ],
    },
    {
      title: 'Data on the way',
      paragraphs: [
        'Items are kept encrypted in the storage account of this installation from the moment they are read until each of their copies is in its mailbox. What cannot be imported is kept until it is imported or somebody signs it off.',
        'Counts, times and identifiers of items are kept as evidence of the import. They contain no message text.',
      ],
    },
    {
      title: 'Changes',
      paragraphs: [
        'A new version of these terms must be accepted before a further connector is added. Connectors that exist are not stopped by it.',
      ],
    },
  ],
};
