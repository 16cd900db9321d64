'use client';

import { Checkbox, Field, Input, MessageBar, MessageBarBody, Select, Textarea } from '@fluentui/react-components';
import { useRef } from 'react';
import { type Answer, AskFirst, fieldOf } from '#components/connector/ask-first.tsx';
import * as text from '#components/text/text.ts';
import type { Notices, SetNoticesResult } from '#lib/notifications/settings.ts';
import type { NotificationCommands, PartProps } from './commands.ts';
import { useSectionStyles } from './section-styles.ts';

const words = text.notifications;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** Who gets e-mail, and of what. */
export function MailPart({ connectorId, settings, commands, onSaid }: PartProps) {
  const styles = useSectionStyles();
  const { addresses, canMail, webhookHost } = settings;
  const isAnybodyTold = addresses.length > 0 || webhookHost !== null;
  return (
    <div>
      <h3 className={styles.heading}>{words.mail}</h3>
      {canMail ? null : (
        <MessageBar intent="warning" layout="multiline" className={styles.bar}>
          <MessageBarBody>{words.noServer}</MessageBarBody>
        </MessageBar>
      )}
      {addresses.length === 0 ? (
        <p className={styles.paragraph}>{words.nobody}</p>
      ) : (
        <ul className={styles.list}>
          {addresses.map((address) => (
            <li key={address}>{address}</li>
          ))}
        </ul>
      )}
      {isAnybodyTold ? (
        <p className={styles.paragraph}>
          {settings.dailySummary ? words.summaryOn(settings.summaryHour) : words.summaryOff}{' '}
          {words.above(settings.waitingAbove)}
        </p>
      ) : null}
      {commands === null ? (
        <p className={styles.muted}>{words.whoSets}</p>
      ) : (
        <ChangeNotices connectorId={connectorId} settings={settings} set={commands.setNotices} onSaid={onSaid} />
      )}
    </div>
  );
}

function ChangeNotices({
  connectorId,
  settings,
  set,
  onSaid,
}: Pick<PartProps, 'connectorId' | 'settings' | 'onSaid'> & {
  readonly set: NotificationCommands['setNotices'];
}) {
  /** what was in force when the dialog was opened, or as its answer said it */
  const seen = useRef<Notices>(settings);
  return (
    <AskFirst
      label={words.change}
      submitLabel={words.save}
      title={words.changeTitle}
      body={words.changeBody}
      onOpen={() => {
        const { addresses, waitingAbove, dailySummary, summaryHour } = settings;
        seen.current = { addresses, waitingAbove, dailySummary, summaryHour };
      }}
      onSaid={onSaid}
      run={async (form) => {
        const waitingAbove = Number(fieldOf(form, 'waitingAbove'));
        if (!Number.isInteger(waitingAbove) || waitingAbove < 0 || waitingAbove > 1_000_000) {
          return { problem: words.notANumber };
        }
        const result = await set({
          connectorId,
          addresses: fieldOf(form, 'addresses')
            .split(/[\n,;]+/)
            .map((line) => line.trim())
            .filter(Boolean),
          waitingAbove,
          dailySummary: form.get('dailySummary') !== null,
          summaryHour: Number(fieldOf(form, 'summaryHour')),
          seen: seen.current,
        });
        if (result.kind === 'changed_meanwhile') seen.current = result.now;
        return noticesAnswer(result);
      }}
    >
      <Field label={words.addresses} hint={words.addressesHint}>
        <Textarea name="addresses" rows={4} defaultValue={settings.addresses.join('\n')} spellCheck={false} />
      </Field>
      <Field label={words.waitingAbove}>
        <Input name="waitingAbove" type="number" min={0} defaultValue={String(settings.waitingAbove)} />
      </Field>
      <Checkbox name="dailySummary" value="yes" label={words.dailySummary} defaultChecked={settings.dailySummary} />
      <Field label={words.summaryHour}>
        <Select name="summaryHour" defaultValue={String(settings.summaryHour)}>
          {HOURS.map((hour) => (
            <option key={hour} value={hour}>
              {words.clock(hour)}
            </option>
          ))}
        </Select>
      </Field>
    </AskFirst>
  );
}

function noticesAnswer(result: SetNoticesResult): Answer {
  if (result.kind === 'done') return { said: words.saved };
  if (result.kind === 'changed_meanwhile') {
    return { problem: text.settings.meanwhile(result.by, words.now(result.now)) };
  }
  if (result.kind === 'not_an_address') return { problem: words.notAnAddress(result.address) };
  return { problem: words.results[result.kind] };
}
