'use client';

import { Field, makeStyles, Select, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { NewSchedule, SetScheduleResult } from '#lib/connectors/set-schedule.ts';
import type { ConnectorSettings } from '#lib/connectors/settings.ts';
import { SettingForm } from './setting-form.tsx';

const words = text.settings.schedule;

const useStyles = makeStyles({ paragraph: { margin: `0 0 ${tokens.spacingVerticalM}` } });

interface ScheduleSettingProps {
  readonly connectorId: string;
  readonly schedule: ConnectorSettings['schedule'];
  /** null for who may not */
  readonly set: ((choice: NewSchedule) => Promise<SetScheduleResult>) | null;
}

/** When the daily import starts, and when it does next. */
export function ScheduleSetting({ connectorId, schedule, set }: ScheduleSettingProps) {
  const styles = useStyles();
  const next = useLiveConnector()?.row.nextImportAt ?? null;
  /** and the hour that it was chosen in place of; null: nothing was chosen, and the hour is shown as it is now */
  const [chosen, setChosen] = useState<{ readonly hour: number | null; readonly from: number | null } | null>(null);
  const hour = chosen === null ? schedule.hour : chosen.hour;
  const { times } = schedule;
  const automatic = times.at(-1) ?? '';
  const timeOf = (of: number | null): string => (of === null ? automatic : (times[of] ?? ''));
  const nowIs = (of: number | null): string => (of === null ? words.nowAutomatic(automatic) : words.now(timeOf(of)));
  return (
    <>
      {set === null ? <p className={styles.paragraph}>{nowIs(schedule.hour)}</p> : null}
      <p className={styles.paragraph}>
        {words.next} {next === null ? words.none : <Time value={next} />}
      </p>
      {set === null ? null : (
        <SettingForm
          title={words.title}
          run={async () => {
            const result = await set({ connectorId, hour, seen: chosen === null ? hour : chosen.from });
            if (typeof result === 'object') {
              setChosen({ hour, from: result.now });
              return { meanwhile: text.settings.meanwhile(result.by, nowIs(result.now)) };
            }
            if (result === 'unchanged') setChosen(null);
            if (result !== 'done') return { problem: words.results[result] };
            setChosen(null);
            return { said: words.done(timeOf(hour)) };
          }}
        >
          <Field label={words.label} hint={words.hint}>
            <Select
              value={hour === null ? '' : String(hour)}
              onChange={(_event, { value }) =>
                setChosen({
                  hour: value === '' ? null : Number(value),
                  from: chosen === null ? schedule.hour : chosen.from,
                })
              }
            >
              <option value="">{words.automatic(automatic)}</option>
              {times.slice(0, -1).map((time, index) => (
                <option key={time} value={index}>
                  {time}
                </option>
              ))}
            </Select>
          </Field>
        </SettingForm>
      )}
    </>
  );
}
