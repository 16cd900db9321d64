/** *Settings*: what is set for all connectors of an organization. */
import { counted } from './counted.ts';

interface Years {
  readonly evidence: number;
  readonly audit: number;
}

export const organization = {
  title: 'Settings',
  about: 'For all connectors of your organization. What is set for one connector is on its own Settings tab.',
  deletion: {
    title: 'Deletion of records',
    running: ({ evidence, audit }: Years) =>
      `Records are deleted when they were kept long enough: evidence after ${counted(evidence, 'year')}, the audit log after ${counted(audit, 'year')}. For a legal hold, suspend that.`,
    suspended: 'Deletion is suspended.',
    by: (person: string | null) => `By ${person ?? 'the operator of this portal'}, since`,
    because: (reason: string) => `Reason: ${reason}`,
    stops: 'What a suspension stops',
    stopped: [
      'Evidence and entries of the audit log stay, however old they are.',
      'Nothing can be signed off: messages and attachments that are in no mailbox stay here.',
      'Discarded mapping files and old notices stay.',
    ],
    goesOn: 'What goes on',
    going: [
      'Imports. The copy that the portal keeps of a message on its way is deleted when it is in all its mailboxes.',
      'What people do in their mailboxes: a hold or retention policy in Microsoft 365 is what keeps messages there.',
    ],
    others:
      'An installation keeps the evidence and audit logs of all its organizations together: a suspension of one keeps those of all.',
    whoSets: 'Somebody with the role DataConnectors.Admin suspends and resumes deletion.',
    suspend: {
      label: 'Suspend deletion',
      question: 'Suspend all deletion of records?',
      body: 'Nothing is deleted and nothing can be signed off until somebody resumes it. The reason is kept in the audit log.',
      done: 'Deletion is suspended.',
    },
    resume: {
      label: 'Resume deletion',
      question: 'Let records be deleted again?',
      body: 'What was kept long enough is deleted within a day. Make sure that no legal hold needs it any more. The reason is kept in the audit log.',
      done: 'Records are deleted again when they were kept long enough.',
    },
    reason: 'Why?',
    reasonHint: 'At most 500 characters, for example a case number.',
    results: {
      unchanged: 'Somebody else did that already. Close this to see who.',
      bad_reason: 'Enter a reason of at most 500 characters.',
    },
  },
} as const;
