/** Notices by e-mail: SMTP with verified TLS, always, to the operator's server and to no other address. */
import { connect, isIP, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js';
import type { Env } from '../env.ts';
import { AddressRefused, checkedLookup, mayConnect, type Resolve } from './addresses.ts';
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

/** @param resolve how names are resolved, for tests @returns null where the operator has set no server */
export function createMailer(settings: SmtpSettings, resolve?: Resolve): Mailer | null {
  const { SMTP_HOST: host, SMTP_PORT: port, SMTP_FROM: from, SMTP_USER: user, SMTP_PASSWORD: pass } = settings;
  if (host === undefined || from === undefined) return null;
  const options: SMTPTransport.Options = {
    host,
    port,
    secure: settings.SMTP_SECURITY === 'tls',
    // Without it a server, or whoever sits between, could say that it has no TLS and be given the mail in the clear.
    requireTLS: true,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(user === undefined ? {} : { auth: { user, pass } }),
    // nodemailer resolves names by itself, and keeps the addresses; ours is resolved and checked for each connection.
    getSocket: (_options, callback) => {
      connected(host, port, resolve).then(
        (connection) => callback(null, { connection }),
        (error: Error) => callback(error, null),
      );
    },
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  const transport = createTransport(options);
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

/** A connection on which nothing was said yet. Throws with the codes of nodemailer, as `failure` knows them. */
async function connected(host: string, port: number, resolve: Resolve | undefined): Promise<Socket> {
  if (isIP(host) !== 0 && !mayConnect(host, true)) throw withCode(new AddressRefused(), 'ESOCKET');
  const socket = connect({ host, port, lookup: checkedLookup(true, resolve) });
  const { promise, resolve: done, reject } = Promise.withResolvers<Socket>();
  const failed = (error: Error) => reject(withCode(error, 'ESOCKET'));
  const late = () => socket.destroy(withCode(new Error('Connection timeout'), 'ETIMEDOUT'));
  socket.setTimeout(STEP_MS, late);
  socket.once('error', failed);
  socket.once('connect', () => {
    socket.off('error', failed);
    socket.off('timeout', late);
    socket.setTimeout(0);
    done(socket);
  });
  return promise;
}

const withCode = (error: Error, code: string): Error => Object.assign(error, { code });

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
