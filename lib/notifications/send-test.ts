/** The test button: every channel is tried once, now, and each server's answer is shown. */
import { randomUUID } from 'node:crypto';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { NotificationParts } from './settings.ts';
import { claimTest, settingOf } from './store/settings.ts';
import { type Channel, monitorOf, targetsOf } from './targets.ts';
import { transmit } from './transmit.ts';

export interface TestAnswer {
  readonly channel: Channel;
  /** an address, or a host */
  readonly target: string;
  readonly ok: boolean;
  /** in the server's words */
  readonly answer: string;
}

export type TestResult =
  | TestAnswer[]
  | 'not_found'
  /** one test of a connector in a minute, and ten of an organization: its servers are other people's */
  | 'too_soon';

/**
 * Sends a test notice to everybody who is named, and asks for the heartbeat, which its monitor takes for a sign of life. Says
 * what each server answered. Empty: nobody is named. @throws NotAllowed
 */
export async function testNotices(parts: NotificationParts, actor: Actor, connectorId: string): Promise<TestResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { rows } = await parts.pool.query<{ name: string }>(
    `SELECT name FROM connector WHERE organization_id = $1 AND id = $2 AND status = 'live'`,
    [organizationId, connectorId],
  );
  const [connector] = rows;
  const setting = await settingOf(parts.pool, organizationId, connectorId);
  if (connector === undefined) return 'not_found';
  if (setting === null) return [];
  const monitor = monitorOf(setting);
  const targets = [...targetsOf(setting), ...(monitor === null ? [] : [monitor])];
  if (targets.length === 0) return [];
  if (!(await claimTest(parts.pool, organizationId, connectorId))) return 'too_soon';
  const now = parts.now();
  const content = {
    kind: 'test',
    connector: { id: connectorId, name: connector.name },
    at: now.toISOString(),
  } as const;
  const answers = await Promise.all(
    targets.map(async ({ channel, target }): Promise<TestAnswer> => {
      const { ok, answer } = await transmit(parts, { id: randomUUID(), channel, target, content }, setting, now);
      return { channel, target, ok, answer };
    }),
  );
  const failed = answers.filter(({ ok }) => !ok).length;
  await inTransaction(parts.pool, (client) =>
    auditIn(client, actor, {
      action: 'connector.notifications-tested',
      connectorId,
      detail: { targets: answers.length, failed },
    }),
  );
  return answers;
}
