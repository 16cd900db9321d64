import type { Metadata } from 'next';
import { requireActor } from '#app/authentication.ts';
import { OrganizationSettings } from '#components/organization/organization-settings.tsx';
import * as text from '#components/text/text.ts';
import { database } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { deletionState } from '#lib/retention/suspend.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { setDeletionSuspendedAction } from './actions.ts';

export const metadata: Metadata = { title: text.organization.title };

export default async function SettingsPage() {
  const actor = await requireActor('history.read');
  const { EVIDENCE_RETENTION_YEARS: evidence, AUDIT_RETENTION_YEARS: audit } = env();
  return (
    <OrganizationSettings
      deletion={await deletionState(database().pool, actor)}
      years={{ evidence, audit }}
      setSuspended={isAllowed(actor.roles, 'retention.manage') ? setDeletionSuspendedAction : null}
    />
  );
}
