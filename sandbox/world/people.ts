/**
 * Who lives in the sandbox's cloud: tenants, their people, mailboxes, roles and phones. Data only, the same at every
 * first start, so that tests and documentation can name people. What changes while the sandbox runs is in
 * `directory.ts`. Microsoft's side and TeleMessage's side both read it.
 */

/**
 * `user` and `shared` mailboxes answer; `full` answers 507 to writes. Where there is no mailbox here Graph has two
 * answers: MailboxNotEnabledForRESTAPI for `none`, ResourceNotFound for `onPremises`.
 */
export const mailboxKinds = ['user', 'shared', 'none', 'onPremises', 'full'] as const;

export type MailboxKind = (typeof mailboxKinds)[number];

/** Whether the person's mail is in this cloud. */
export function hasMailbox(person: Person): boolean {
  return person.mailbox !== 'none' && person.mailbox !== 'onPremises';
}

export const telemessageStatuses = ['activated', 'pending', 'suspended', 'locked', 'deleted'] as const;

export interface Person {
  /** Entra object id (GUID) */
  readonly id: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  /** as Graph gives them: `SMTP:` marks the primary one, `smtp:` the others */
  readonly proxyAddresses: readonly string[];
  readonly userType: 'Member' | 'Guest';
  readonly accountEnabled: boolean;
  readonly mailbox: MailboxKind;
  /** largest message that the mailbox takes in bytes, null where the service's own limit holds */
  readonly messageBytes: number | null;
  /** values of the portal's app roles assigned to this person, as they appear in the ID token's `roles` */
  readonly appRoles: readonly string[];
  /** Entra directory roles by display name */
  readonly directoryRoles: readonly string[];
  /** Exchange role groups by name */
  readonly exchangeRoleGroups: readonly string[];
  /** E.164 number of the archived phone, null where the person has none */
  readonly mobile: string | null;
  /** the e-mail that TeleMessage holds for the phone's user: usually `mail`, sometimes none, sometimes another */
  readonly telemessageEmail: string | null;
  readonly telemessageStatus: (typeof telemessageStatuses)[number];
}

export interface Tenant {
  /** Entra tenant id (GUID) */
  readonly id: string;
  readonly displayName: string;
  /** verified domains in lower case, the first is the default */
  readonly domains: readonly string[];
  readonly people: readonly Person[];
}
