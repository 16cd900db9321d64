'use client';

import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { Section } from '#components/connector/section.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import type { VersionList } from '#lib/connectors/mapping/versions.ts';
import { mappingAddress, versionAddress } from './addresses.ts';
import { Facts } from './facts.tsx';
import type { Restore } from './restore-button.tsx';
import { UploadButton } from './upload-button.tsx';
import { VersionsTable } from './versions-table.tsx';

const words = text.mapping;

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  paragraph: { margin: 0 },
});

export interface MappingTabProps {
  readonly connectorId: string;
  readonly list: VersionList;
  /** this is not the first page */
  readonly later: boolean;
  /** number of the version that was just applied; null: none was */
  readonly applied: number | null;
  /** null where the person may only look */
  readonly restore: Restore | null;
}

/** What is in force, what is proposed, and every version there was. */
export function MappingTab({ connectorId, list, later, applied, restore }: MappingTabProps) {
  const styles = useStyles();
  const { inForce, versions, proposed } = list;
  const base = mappingAddress(connectorId);
  return (
    <div className={styles.page}>
      {applied !== null && applied === inForce?.number ? (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody role="status">{words.applied(applied)}</MessageBarBody>
        </MessageBar>
      ) : null}
      {(later ? [] : proposed).map((version) => (
        <MessageBar key={version.id} intent={version.approval === null ? 'info' : 'warning'} layout="multiline">
          <MessageBarBody>
            {version.approval === null
              ? words.proposals.proposed(version.number, version.createdBy)
              : words.proposals.waits(version.number, version.approval.requestedBy)}
          </MessageBarBody>
          <MessageBarActions>
            <LinkButton href={versionAddress(connectorId, version.id)}>
              {words.proposals.reviewOf(version.number)}
            </LinkButton>
          </MessageBarActions>
        </MessageBar>
      ))}
      <Section title={words.inForce.title}>
        <div className={styles.block}>
          {inForce === null ? (
            <p className={styles.paragraph}>
              {words.inForce.none} {words.inForce.noneHelp}
            </p>
          ) : (
            <Facts version={inForce} />
          )}
          {restore === null ? (
            <p className={styles.paragraph}>{words.whoUploads}</p>
          ) : (
            <div className={styles.bar}>
              <UploadButton connectorId={connectorId} label={words.uploadNew} appearance="primary" />
              {inForce === null ? null : (
                <Button as="a" href={`/api${base}/${inForce.id}`} download icon={<ArrowDownloadRegular />}>
                  {words.downloadCurrent}
                </Button>
              )}
              <Button
                appearance="transparent"
                as="a"
                href="/mapping-template.csv"
                download="mapping-template.csv"
                icon={<ArrowDownloadRegular />}
              >
                {words.template}
              </Button>
            </div>
          )}
        </div>
      </Section>
      {versions.length === 0 ? null : (
        <Section title={words.versions.title}>
          <VersionsTable connectorId={connectorId} versions={versions} inForce={inForce} restore={restore} />
          {later || list.next !== null ? (
            <div className={styles.bar}>
              {later ? <LinkButton href={base}>{words.versions.newest}</LinkButton> : null}
              {list.next === null ? null : (
                <LinkButton href={`${base}?before=${list.next}`}>{words.versions.older}</LinkButton>
              )}
            </div>
          ) : null}
        </Section>
      )}
      {restore === null || inForce === null ? null : (
        <Section title={text.corrections.title}>
          <div className={styles.block}>
            <p className={styles.paragraph}>{text.corrections.inMapping}</p>
            <div className={styles.bar}>
              <LinkButton href={`${base}/correct`}>{text.corrections.open}</LinkButton>
            </div>
          </div>
        </Section>
      )}
    </div>
  );
}
