/** What docs/install.md leaves to its reader, and the walk has an answer to (surroundings.ts). */

/** What stands in `<…>` in a command that is walked. */
export const PLACEHOLDERS = ['address of the repository', 'database host', 'address'] as const;

/** Of `.env`, by hand: the table of the guide, in its order. */
export const VARIABLES = [
  'REDIS_URL',
  'AZURE_STORAGE_CONNECTION_STRING',
  'AZURE_STORAGE_ACCOUNT_URL',
  'TELEMESSAGE_URL',
  'MICROSOFT_CLOUD',
  'ENTRA_CLIENT_ID',
  'ENTRA_CLIENT_SECRET',
  'ENTRA_CLIENT_SECRET_EXPIRES',
  'ENTRA_CLIENT_CERTIFICATE',
  'ORGANIZATIONS',
  'NEXTAUTH_URL',
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];
export type Variable = (typeof VARIABLES)[number];
