/** Who is told of a connector. */
import type { SettingRow } from './store/settings.ts';

export type Channel = 'email' | 'webhook' | 'heartbeat';

export interface Target {
  readonly channel: Channel;
  /** an address, or a host */
  readonly target: string;
  /** of a webhook or heartbeat: which address on that host, as long as it is set. null of an e-mail address */
  readonly addressId: string | null;
}

type Told = Pick<SettingRow, 'addresses' | 'webhookHost' | 'webhookId'>;
type Beating = Pick<SettingRow, 'heartbeatHost' | 'heartbeatId'>;

/** Who is told of what happens. */
export function targetsOf({ addresses, webhookHost, webhookId }: Told): Target[] {
  return [
    ...addresses.map((target): Target => ({ channel: 'email', target, addressId: null })),
    ...(webhookHost === null ? [] : [{ channel: 'webhook', target: webhookHost, addressId: webhookId } as const]),
  ];
}

/** The monitor that is told that all is well; null where there is none. */
export function monitorOf({ heartbeatHost, heartbeatId }: Beating): Target | null {
  return heartbeatHost === null ? null : { channel: 'heartbeat', target: heartbeatHost, addressId: heartbeatId };
}

/** One text for each target. */
export function keyOf({ channel, target, addressId }: Target): string {
  return `${channel} ${target} ${addressId ?? ''}`;
}
