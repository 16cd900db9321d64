/** Notices by e-mail: SMTP with verified TLS, always. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type { Env } from '../env.ts';
import { type Answer, printable } from './answer.ts';
import type { MailText } from './letter.ts';

/** Of each step of a conversation. */
const STEP_MS = 10_000;
/** Of a whole mail: a server that answers each step just in time is away, too. */
const MAIL_MS = 60_000;

export interface Mailer {
  /**
   * Sends one mail. Never throws for what the server does.
   *
   * @param id of the notice: the Message-ID and a header of every attempt, so that a mail that comes twice can be told
   */
  send(id: string, to: string, mail: MailText): Promise<Answer>;
}

type SmtpSettings = Pick<
  Env,
  'SMTP_HOST' | 'SMTP_PORT' | 'SMTP_SECURITY' | 'SMTP_USER' | 'SMTP_PASSWORD' | 'SMTP_FROM'
>;

/** @returns null where the operator has set no server */
export function createMailer(settings: SmtpSettings): Mailer | null {
  const { SMTP_HOST: host, SMTP_PORT: port, SMTP_FROM: from, SMTP_USER: user, SMTP_PASSWORD: pass } = settings;
  if (host === undefined || from === undefined) return null;
  const transport = createTransport({
    host,
    port,
    secure: settings.SMTP_SECURITY === 'tls',
    // Without it a server, or whoever sits between, could say that it has no TLS and be given the mail in the clear.
    requireTLS: true,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(user === undefined ? {} : { auth: { user, pass } }),
    dnsTimeout: STEP_MS,
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    async send(id, to, { subject, text, html }) {
      const sending = transport.sendMail({
        from,
        to,
        subject,
        text,
        html,
        messageId: `<${id}@${domain}>`,
        headers: { 'X-Notice-Id': id, 'Auto-Submitted': 'auto-generated' },
      });
      return Promise.race([
        sending.then(({ response }) => ({ ok: true, answer: printable(response) }), failure),
        tooLate(),
      ]);
    },
  };
}

/** What nodemailer calls a conversation that did not come to the point of this mail. */
const AWAY = ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EOAUTH2', 'EPROTOCOL'];

function failure(error: unknown): Answer {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return {
    ok: false,
    answer: printable(error instanceof Error ? error.message : 'unknown'),
    isAway: AWAY.includes(code),
  };
}

async function tooLate(): Promise<Answer> {
  await sleep(MAIL_MS, undefined, { ref: false });
  return { ok: false, answer: 'No answer in time', isAway: true };
}
