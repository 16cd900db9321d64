/**
 * An app of the organizations' own that calls the portal by itself, without a person: a personnel system that sends
 * mappings. Its secret is published on purpose, as the portal's is.
 */
import { alderByrne } from './alder-byrne.ts';

export const callingApp = {
  displayName: 'Personnel system',
  clientId: '8e1f6c02-4b7d-4a35-9c60-2d5b9a7e13f4',
  clientSecret: 'sandbox-personnel-secret-opens-nothing-real',
  /** app roles of the portal that an administrator has granted to it, by tenant id */
  roles: { [alderByrne.id]: ['Mapping.Propose'] } as Readonly<Record<string, readonly string[]>>,
} as const;
