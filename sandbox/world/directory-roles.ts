/**
 * Entra directory roles that people can have here, by display name, with their role template ids as in the `wids`
 * claim. The first two may consent for the organization, the others administer something else.
 */
export const directoryRoleTemplates: ReadonlyMap<string, string> = new Map([
  ['Global Administrator', '62e90394-69f5-4237-9190-012177145e10'],
  ['Privileged Role Administrator', 'e8611ab8-c189-46e8-94e1-60213ab1f814'],
  ['Exchange Administrator', '29232cdf-9323-42fd-ade2-1d097af3e4de'],
  ['User Administrator', 'fe930be7-5e62-47db-91af-98c3a49a38b1'],
]);
