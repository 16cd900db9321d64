'use client';

import { Field, makeStyles, Select, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { useLiveConnector } from '#components/connector/live-connector.tsx';
import { text } from '#components/text/text.ts';
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
  const [hour, setHour] = useState(schedule.hour);
  const { times } = schedule;
  const automatic = times.at(-1) ?? '';
  const timeOf = (of: number | null): string => (of === null ? automatic : (times[of] ?? ''));
  return (
    <>
      {set === null ? (
        <p className={styles.paragraph}>
          {schedule.hour === null ? words.nowAutomatic(automatic) : words.now(timeOf(schedule.hour))}
        </p>
      ) : null}
      <p className={styles.paragraph}>
        {words.next} {next === null ? words.none : <Time value={next} />}
      </p>
      {set === null ? null : (
        <SettingForm
          title={words.title}
          run={async () => {
            const result = await set({ connectorId, hour });
            return result === 'done' ? { said: words.done(timeOf(hour)) } : { problem: words.results[result] };
          }}
        >
          <Field label={words.label} hint={words.hint}>
            <Select
              value={hour === null ? '' : String(hour)}
              onChange={(_event, { value }) => setHour(value === '' ? null : Number(value))}
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
