/**
 * What an Exchange administrator runs so that this application may open some mailboxes only.
 *
 * @see https://learn.microsoft.com/exchange/permissions-exo/application-rbac
 */
import { exchangeEnvironment, type MicrosoftCloud } from './clouds.ts';

export interface ScopedApplication {
  readonly cloud: MicrosoftCloud;
  readonly clientId: string;
  /** of the enterprise application; null where it is not known before consent */
  readonly objectId: string | null;
  /** a mailbox to put into the scope and to test with; null: to be filled in */
  readonly inside: string | null;
}

/** Commands of Exchange Online PowerShell, one a line. */
export function exchangeCommands({ cloud, clientId, objectId, inside }: ScopedApplication): string {
  const app = literal(clientId);
  const mailbox = literal(inside ?? '<address of a mailbox>');
  const environment = exchangeEnvironment(cloud);
  return [
    `Connect-ExchangeOnline${environment === null ? '' : ` -ExchangeEnvironmentName ${environment}`}`,
    `New-ServicePrincipal -AppId ${app} -ObjectId ${literal(objectId ?? '<object id of the enterprise application>')} -DisplayName 'Compliance portal'`,
    `New-ManagementScope -Name 'Archived mailboxes' -RecipientRestrictionFilter "CustomAttribute1 -eq 'archived'"`,
    `New-ManagementRoleAssignment -App ${app} -Role 'Application Mail.ReadWrite' -CustomResourceScope 'Archived mailboxes'`,
    `Set-Mailbox -Identity ${mailbox} -CustomAttribute1 'archived'`,
    `Test-ServicePrincipalAuthorization -Identity ${app} -Resource ${mailbox}`,
  ].join('\n');
}

/** A string that PowerShell takes as it is: quotes are doubled. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
