/** Signing in, and what people read who may not go further. */
import { waitingTime } from './counted.ts';

export const signIn = {
  title: 'Sign in to Data connectors',
  lead: 'Use your work account.',
  signIn: 'Sign in with Microsoft',
  address: 'Work e-mail',
  addressWhy: 'It tells us which organization you sign in to.',
  addressNeeded: 'Enter your work e-mail, for example name@company.com.',
  errors: {
    unknownOrganization: (domain: string) =>
      `${domain} is not set up in this portal. Use another work account, or ask whoever runs the portal to add your organization.`,
    tooMany: (seconds: number) =>
      `There were many tries in a short while from your network. Try again in ${waitingTime(seconds)}.`,
    notAnswering: "Microsoft's sign-in service doesn't answer. Try again in a minute.",
    organization:
      'This account belongs to an organization that is not set up in this portal. Sign in with another work account.',
    cancelled: 'You were not signed in. Nothing changed.',
    failed: 'Signing in did not work. Try again.',
    expired: 'You were signed out after 8 hours. Sign in again to go on where you were.',
  },
  signedOut: 'You are signed out.',

  noRole: 'You have no role here yet',
  otherRole: 'Your role does not allow this',
  allows: {
    'DataConnectors.Admin': 'Set up connectors, map people to mailboxes, retry imports',
    'DataConnectors.Reader': 'See connectors, their state and their counts',
    'DataConnectors.Auditor': 'See evidence and the audit log, sign off what is not imported',
    'DataConnectors.ContentViewer': 'Open an original message, each time with a reason',
  },
  signedInAs: (address: string) => `Signed in as ${address}.`,
  roleColumns: { role: 'Role', allows: 'What it allows', grants: 'Who grants it' },
  roleTable: 'Roles of this portal',
  roleGrantedBy: 'An Entra administrator, under Enterprise applications',
  request: {
    copy: 'Copy request',
    copied: 'Copied. Send it to your administrator.',
    body: (address: string, application: string) =>
      `Please give ${address} a role in the enterprise application "${application}" in Microsoft Entra: Enterprise applications > ${application} > Users and groups > Add user. The role to set up connectors is DataConnectors.Admin.`,
  },
  check: 'Check again',
  stillNoRole: 'Still no role. A change can take up to 5 minutes.',
} as const;
