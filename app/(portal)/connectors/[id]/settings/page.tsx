import { Settings } from '#components/connector/settings.tsx';
import { fallbackMailbox } from '#lib/connectors/fallback-mailbox.ts';
import { database } from '#lib/db.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { setFallbackAction } from '../actions.ts';
import { openConnector } from '../connector.ts';

export default async function SettingsPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row } = await openConnector((await params).id);
  const mailbox = await fallbackMailbox(database().pool, actor, row.id);
  const set = isAllowed(actor.roles, 'connectors.manage') ? setFallbackAction : null;
  return <Settings fallback={{ connectorId: row.id, mailbox, set }} />;
}
