/** The tab *Settings* of a connector. */
import type { FallbackRefusal } from '#lib/connectors/fallback-mailbox.ts';

export const settings = {
  fallback: {
    title: 'Fallback mailbox',
    about:
      'It takes a message of which nobody who is owed a copy has a mailbox. They go on waiting for their own copy, and get it when they are mapped.',
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
    done: (mailbox: string | null) =>
      mailbox === null ? 'The fallback mailbox is off.' : `The fallback mailbox is ${mailbox}.`,
    results: {
      unchanged: 'It is set so already.',
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
