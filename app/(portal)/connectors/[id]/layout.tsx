import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { ConnectorHeader } from '#components/connector/connector-header.tsx';
import { DeletedHeader } from '#components/connector/deleted-header.tsx';
import { LiveConnector } from '#components/connector/live-connector.tsx';
import { ChosenFileHolder } from '#components/mapping/chosen-file.tsx';
import { sourceUsername } from '#lib/connectors/mend.ts';
import { database } from '#lib/db.ts';
import { isAllowed } from '#lib/security/roles.ts';
import {
  deleteConnectorAction,
  importNowAction,
  liftStopAction,
  pauseAction,
  resumeAction,
  updateCredentialsAction,
} from './actions.ts';
import { openConnector, openEvidence } from './connector.ts';

interface Props {
  readonly params: Promise<{ readonly id: string }>;
  readonly children: ReactNode;
}

export async function generateMetadata({ params }: Pick<Props, 'params'>): Promise<Metadata> {
  return { title: (await openEvidence((await params).id)).name };
}

export default async function ConnectorLayout({ params, children }: Props) {
  const { id } = await params;
  const { actor: person, deleted } = await openEvidence(id);
  if (deleted !== null) {
    return (
      <>
        <DeletedHeader connector={deleted} seesHistory={isAllowed(person.roles, 'history.read')} />
        {children}
      </>
    );
  }
  const { actor, row, at } = await openConnector(id);
  const manages = isAllowed(actor.roles, 'connectors.manage');
  const actions = {
    importNow: importNowAction,
    pause: pauseAction,
    resume: resumeAction,
    updateCredentials: updateCredentialsAction,
    liftStop: liftStopAction,
    remove: deleteConnectorAction,
  };
  return (
    <LiveConnector at={at} row={row} person={actor.userId}>
      <ChosenFileHolder>
        <ConnectorHeader
          username={manages ? await sourceUsername(database(), actor, row.id) : ''}
          actions={manages ? actions : null}
          maps={isAllowed(actor.roles, 'mapping.manage')}
          seesHistory={isAllowed(actor.roles, 'history.read')}
        />
        {children}
      </ChosenFileHolder>
    </LiveConnector>
  );
}
