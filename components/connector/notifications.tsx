'use client';

import {
  Button,
  Checkbox,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Select,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { CheckmarkCircle20Regular, ErrorCircle20Regular } from '@fluentui/react-icons';
import { useRef, useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import type {
  Notices,
  NotificationSettings,
  SetNotices,
  SetNoticesResult,
  SetUrl,
  SetUrlResult,
  TestAnswer,
} from '#lib/notifications/settings.ts';
import { type Answer, AskFirst, fieldOf } from './ask-first.tsx';
import { LatestNotices } from './latest-notices.tsx';

const words = text.notifications;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  muted: { margin: 0, color: tokens.colorNeutralForeground2 },
  paragraph: { margin: `0 0 ${tokens.spacingVerticalS}`, overflowWrap: 'anywhere' },
  heading: {
    margin: `0 0 ${tokens.spacingVerticalXS}`,
    fontSize: tokens.fontSizeBase300,
    fontWeight: tokens.fontWeightSemibold,
  },
  list: { margin: `0 0 ${tokens.spacingVerticalS}`, paddingLeft: tokens.spacingHorizontalXL, overflowWrap: 'anywhere' },
  plain: { margin: 0, padding: 0, listStyleType: 'none', display: 'grid', rowGap: tokens.spacingVerticalS },
  answer: {
    display: 'grid',
    gridTemplateColumns: 'auto minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalS,
    overflowWrap: 'anywhere',
  },
  commands: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  bar: { marginBottom: tokens.spacingVerticalM },
  secret: { display: 'block', fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere', userSelect: 'all' },
});

export interface NotificationCommands {
  readonly setNotices: (choice: Required<SetNotices>) => Promise<SetNoticesResult>;
  readonly setWebhook: (choice: Required<SetUrl>) => Promise<SetUrlResult>;
  readonly setHeartbeat: (choice: Required<SetUrl>) => Promise<SetUrlResult>;
  readonly test: (connectorId: string) => Promise<TestAnswer[] | 'not_found'>;
}

export interface NotificationsProps {
  readonly connectorId: string;
  readonly settings: NotificationSettings;
  /** null for who may not */
  readonly commands: NotificationCommands | null;
}

/** Who is told of a connector, how, and what came of it. */
export function Notifications({ connectorId, settings, commands }: NotificationsProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const { addresses, canMail, webhookHost, heartbeatHost } = settings;
  return (
    <div className={styles.page}>
      <p className={styles.muted}>{words.about}</p>
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
        <p className={styles.paragraph}>
          {settings.dailySummary ? words.summaryOn(settings.summaryHour) : words.summaryOff}{' '}
          {words.above(settings.waitingAbove)}
        </p>
        {commands === null ? (
          <p className={styles.muted}>{words.whoSets}</p>
        ) : (
          <ChangeNotices connectorId={connectorId} settings={settings} set={commands.setNotices} onSaid={setSaid} />
        )}
      </div>
      <div>
        <h3 className={styles.heading}>{words.webhook}</h3>
        <p className={styles.paragraph}>
          {webhookHost === null ? (
            words.noWebhook
          ) : (
            <>
              {words.webhookTo} <strong>{webhookHost}</strong>.
            </>
          )}
        </p>
        {secret === null ? null : (
          <MessageBar intent="success" layout="multiline" role="status" className={styles.bar}>
            <MessageBarBody>
              <MessageBarTitle>{words.secretTitle}</MessageBarTitle>
              <code className={styles.secret}>{secret}</code>
              <p className={styles.paragraph}>{words.secretOnce}</p>
              <Button size="small" onClick={() => setSecret(null)}>
                {words.secretGone}
              </Button>
            </MessageBarBody>
          </MessageBar>
        )}
        {commands === null ? null : (
          <UrlCommands
            words={{
              set: webhookHost === null ? words.setWebhook : words.changeWebhook,
              title: words.webhookTitle,
              body: words.webhookBody,
              done: words.webhookSet,
              remove: words.removeWebhook,
              removeTitle: words.removeWebhookTitle,
              removeBody: words.removeWebhookBody,
              removed: words.webhookRemoved,
            }}
            host={webhookHost}
            mark={settings.webhookMark}
            allowedHosts={settings.allowedHosts}
            set={async (url, seen) => {
              const result = await commands.setWebhook({ connectorId, url, seen });
              if (result.kind === 'done') setSecret(result.secret);
              return result;
            }}
            onSaid={setSaid}
          />
        )}
      </div>
      <div>
        <h3 className={styles.heading}>{words.heartbeat}</h3>
        <p className={styles.paragraph}>
          {heartbeatHost === null ? (
            words.noHeartbeat
          ) : (
            <>
              {words.heartbeatTo} <strong>{heartbeatHost}</strong>.
            </>
          )}
        </p>
        {commands === null ? null : (
          <UrlCommands
            words={{
              set: heartbeatHost === null ? words.setHeartbeat : words.changeHeartbeat,
              title: words.heartbeatTitle,
              body: words.heartbeatBody,
              done: words.heartbeatSet,
              remove: words.removeHeartbeat,
              removeTitle: words.removeHeartbeatTitle,
              removeBody: words.removeHeartbeatBody,
              removed: words.heartbeatRemoved,
            }}
            host={heartbeatHost}
            mark={settings.heartbeatMark}
            allowedHosts={settings.allowedHosts}
            set={(url, seen) => commands.setHeartbeat({ connectorId, url, seen })}
            onSaid={setSaid}
          />
        )}
      </div>
      <Text role="status">{said}</Text>
      {commands === null ? null : <TestNotices connectorId={connectorId} test={commands.test} />}
      <LatestNotices notices={settings.notices} />
    </div>
  );
}

function ChangeNotices({
  connectorId,
  settings,
  set,
  onSaid,
}: Pick<NotificationsProps, 'connectorId' | 'settings'> & {
  readonly set: NotificationCommands['setNotices'];
  readonly onSaid: (sentence: string) => void;
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
  if (result.kind === 'changed_meanwhile')
    return { problem: text.settings.meanwhile(result.by, words.now(result.now)) };
  if (result.kind === 'not_an_address') return { problem: words.notAnAddress(result.address) };
  return { problem: words.results[result.kind] };
}

interface UrlCommandsProps {
  readonly words: {
    readonly set: string;
    readonly title: string;
    readonly body: string;
    readonly done: string;
    readonly remove: string;
    readonly removeTitle: string;
    readonly removeBody: (host: string) => string;
    readonly removed: string;
  };
  /** null: none is set */
  readonly host: string | null;
  /** tells it from others; null: none is set */
  readonly mark: string | null;
  readonly allowedHosts: readonly string[];
  readonly set: (url: string | null, seen: string | null) => Promise<SetUrlResult>;
  readonly onSaid: (sentence: string) => void;
}

/** Setting and removing an address that never comes back to the browser. */
function UrlCommands({ words: its, host, mark, allowedHosts, set, onSaid }: UrlCommandsProps) {
  const styles = useStyles();
  /** of the one that was set when a dialog was opened, or as its answer said it */
  const seen = useRef(mark);
  const onOpen = (): void => {
    seen.current = mark;
  };
  const answer = (result: SetUrlResult, done: string): Answer => {
    if (result.kind === 'done') return { said: done };
    if (result.kind === 'changed_meanwhile') {
      seen.current = result.now.mark;
      return { problem: text.settings.meanwhile(result.by, words.addressNow(result.now.host)) };
    }
    return {
      problem: result.kind === 'refused' ? words.urlProblems[result.reason] : words.results[result.kind],
    };
  };
  return (
    <div className={styles.commands}>
      <AskFirst
        label={its.set}
        title={its.title}
        body={its.body}
        onOpen={onOpen}
        onSaid={onSaid}
        run={async (form) => answer(await set(fieldOf(form, 'url'), seen.current), its.done)}
      >
        <Field label={words.url} hint={words.allowed(allowedHosts)} required>
          <Input name="url" type="url" autoComplete="off" placeholder="https://" />
        </Field>
      </AskFirst>
      {host === null ? null : (
        <AskFirst
          label={words.remove}
          submitLabel={its.remove}
          description={its.remove}
          title={its.removeTitle}
          body={its.removeBody(host)}
          appearance="subtle"
          onOpen={onOpen}
          onSaid={onSaid}
          run={async () => answer(await set(null, seen.current), its.removed)}
        />
      )}
    </div>
  );
}

function TestNotices({
  connectorId,
  test,
}: {
  readonly connectorId: string;
  readonly test: NotificationCommands['test'];
}) {
  const styles = useStyles();
  const [busy, start] = useTransition();
  const [answers, setAnswers] = useState<readonly TestAnswer[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  function send(): void {
    setProblem(null);
    setAnswers(null);
    start(async () => {
      try {
        const result = await test(connectorId);
        if (result === 'not_found') setProblem(words.results.not_found);
        else if (result.length === 0) setProblem(words.nobodyToTest);
        else setAnswers(result);
      } catch (error) {
        setProblem(failureSentence(error));
      }
    });
  }
  return (
    <div>
      <Button onClick={send} disabledFocusable={busy}>
        {busy ? words.testing : words.test}
      </Button>
      <div role="status">
        {problem === null ? null : <p className={styles.paragraph}>{problem}</p>}
        {answers === null ? null : (
          <>
            <h3 className={styles.heading}>{words.tested}</h3>
            <ul className={styles.plain}>
              {answers.map(({ channel, target, ok, answer }) => (
                <li key={`${channel} ${target}`} className={styles.answer}>
                  {ok ? <CheckmarkCircle20Regular aria-hidden /> : <ErrorCircle20Regular aria-hidden />}
                  <span>
                    <strong>{target}</strong>: {ok ? words.ok : words.failed}. {answer}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}
