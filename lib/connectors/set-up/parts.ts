/** What the wizard's use-cases need from outside: everything that has a clock, a secret, chance or a network in it. */

import type { Logger } from 'pino';
import type { SignedInSource } from '../../archive/source.ts';
import type { Credentials } from '../../archive/telemessage/sign-in.ts';
import type { Database } from '../../db.ts';
import type { AppTokens } from '../../microsoft/app-token.ts';
import type { MicrosoftCloud } from '../../microsoft/clouds.ts';
import type { Graph } from '../../microsoft/graph.ts';
import type { enqueue } from '../../queue/producer.ts';
import type { KeyRing } from '../../security/keyring.ts';

/** What the wizard asks of a source before the first import. */
export type AccountAtSource = Pick<SignedInSource, 'account' | 'register' | 'unregister' | 'clock' | 'users'>;

export interface ConsentSettings {
  readonly cloud: MicrosoftCloud;
  readonly clientId: string;
  readonly scope: string;
  /** this portal's `/api/consent/callback` */
  readonly redirectUri: string;
  readonly stateKey: Uint8Array;
}

export interface SetUpParts {
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly clock: () => Date;
  readonly newId: () => string;
  /** at least 16 random bytes, base64url */
  readonly newNonce: () => string;
  /** host of TeleMessage, for sentences */
  readonly sourceHost: string;
  readonly openSource: (kind: string, credentials: Credentials, organizationId: string) => AccountAtSource;
  readonly tokens: AppTokens;
  readonly graphOf: (organizationId: string) => Graph;
  /** where browsers of this tenant sign in. @throws AppTokenError */
  readonly authorizationEndpointOf: (organizationId: string) => Promise<string>;
  readonly consent: ConsentSettings;
  /** UNMAPPED_DOMAIN */
  readonly unmappedDomain: string;
  readonly enqueue: typeof enqueue;
  readonly log: Logger;
}
