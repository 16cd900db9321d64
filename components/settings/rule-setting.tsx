'use client';

import {
  Field,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Select,
  Switch,
  tokens,
} from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import { versionAddress } from '#components/mapping/addresses.ts';
import { regionName } from '#components/text/en/mapping-rule.ts';
import * as text from '#components/text/text.ts';
import type { ChangeRuleInput, ChangeRuleResult } from '#lib/connectors/mapping/use-cases.ts';
import type { Region } from '#lib/connectors/regions.ts';
import type { ConnectorSettings } from '#lib/connectors/settings.ts';
import { SettingForm } from './setting-form.tsx';

const words = text.mappingRule;

const useStyles = makeStyles({
  facts: { display: 'grid', rowGap: tokens.spacingVerticalS, margin: 0 },
  term: { fontWeight: tokens.fontWeightSemibold },
  value: { margin: 0 },
  bar: { marginBottom: tokens.spacingVerticalM },
});

interface Rule {
  readonly automatic: boolean;
  readonly defaultRegion: string;
}

export interface RuleSettingProps {
  readonly connectorId: string;
  readonly settings: Pick<ConnectorSettings, 'automaticMapping' | 'defaultRegion' | 'ruleProposal'>;
  readonly regions: readonly Region[];
  /** null for who may not */
  readonly change: ((input: ChangeRuleInput) => Promise<ChangeRuleResult>) | null;
}

/** Automatic user mapping and the default region: a change is proposed here, and looked at before it is applied. */
export function RuleSetting({ connectorId, settings, regions, change }: RuleSettingProps) {
  const styles = useStyles();
  const router = useRouter();
  const { automaticMapping, defaultRegion, ruleProposal } = settings;
  /** what is in force, as far as the answer to a change said something newer than the page */
  const [newer, setNewer] = useState<Rule | null>(null);
  const inForce = newer ?? { automatic: automaticMapping, defaultRegion };
  const [chosen, setChosen] = useState<Partial<Rule>>({});
  const rule = { ...inForce, ...chosen };
  const proposal =
    ruleProposal === null ? null : (
      <MessageBar intent="info" layout="multiline" className={styles.bar}>
        <MessageBarBody>{words.waiting(ruleProposal.number, ruleProposal.by)}</MessageBarBody>
        <MessageBarActions>
          <LinkButton href={versionAddress(connectorId, ruleProposal.id)}>
            {text.mapping.proposals.reviewOf(ruleProposal.number)}
          </LinkButton>
        </MessageBarActions>
      </MessageBar>
    );
  if (change === null) {
    return (
      <>
        {proposal}
        <dl className={styles.facts}>
          <div>
            <dt className={styles.term}>{words.label}</dt>
            <dd className={styles.value}>{automaticMapping ? words.on : words.off}</dd>
          </div>
          <div>
            <dt className={styles.term}>{words.region}</dt>
            <dd className={styles.value}>{regionName(defaultRegion)}</dd>
          </div>
        </dl>
      </>
    );
  }
  return (
    <>
      {proposal}
      <SettingForm
        title={text.settings.mapping.title}
        label={words.review}
        saving={words.reviewing}
        run={async () => {
          const result = await change({ connectorId, ...rule, seen: inForce });
          switch (result.kind) {
            case 'proposed':
              router.push(versionAddress(connectorId, result.versionId));
              return { said: '' };
            case 'changed_meanwhile': {
              const now = { automatic: result.automaticMapping, defaultRegion: result.defaultRegion };
              setNewer(now);
              setChosen(rule);
              return {
                meanwhile: `${words.meanwhile(result.by)} ${words.inForce(now.automatic, regionName(now.defaultRegion))}`,
              };
            }
            default:
              return { problem: words.results[result.kind] };
          }
        }}
      >
        <Field hint={words.hint}>
          <Switch
            label={words.label}
            checked={rule.automatic}
            onChange={(_event, { checked }) => setChosen({ ...chosen, automatic: checked })}
          />
        </Field>
        <Field label={words.region} hint={words.regionHint}>
          <Select
            value={rule.defaultRegion}
            onChange={(_event, { value }) => setChosen({ ...chosen, defaultRegion: value })}
          >
            {regions.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      </SettingForm>
    </>
  );
}
