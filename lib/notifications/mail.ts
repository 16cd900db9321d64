/** Notices by e-mail: SMTP with verified TLS, always. */
import { createTransport } from 'nodemailer';
import type { Env } from '../env.ts';
import { type Answer, printable } from './answer.ts';
import type { MailText } from './words.ts';

const TIMEOUT_MS = 20_000;

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
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    async send(id, to, { subject, text }) {
      try {
        const sent = await transport.sendMail({
          from,
          to,
          subject,
          text,
          messageId: `<${id}@${domain}>`,
          headers: { 'X-Notice-Id': id, 'Auto-Submitted': 'auto-generated' },
        });
        return { ok: true, answer: printable(sent.response) };
      } catch (error) {
        return { ok: false, answer: printable(error instanceof Error ? error.message : 'unknown') };
      }
    },
  };
}
