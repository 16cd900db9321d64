/** What the portal sent to the world outside, as the sandbox caught it: mails and webhooks, the newest first. */
import PostalMime from 'postal-mime';
import type { CaughtMail } from './smtp.ts';

/** So many of each are kept. */
const MOST = 200;

export interface KeptMail {
  readonly number: number;
  readonly at: Date;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** null: the mail has none */
  readonly html: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface KeptCall {
  readonly number: number;
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Outside {
  takeMail(mail: CaughtMail): boolean;
  takeCall(call: Omit<KeptCall, 'number' | 'at'>): void;
  mails(): readonly KeptMail[];
  calls(): readonly KeptCall[];
  clear(): void;
}

export function outsideWorld(clock: () => Date): Outside {
  let [mails, calls]: [KeptMail[], KeptCall[]] = [[], []];
  let number = 0;
  return {
    takeMail({ from, to, raw }) {
      const kept = { number: ++number, at: clock(), from, to };
      PostalMime.parse(raw).then(
        (mail) => {
          const headers = mail.headers.map(({ key, value }) => [key, value] as const);
          mails = [
            { ...kept, subject: mail.subject ?? '', text: mail.text ?? '', html: mail.html ?? null, headers },
            ...mails,
          ].slice(0, MOST);
        },
        () => {
          mails = [
            { ...kept, subject: 'A mail that cannot be read', text: '', html: null, headers: [] },
            ...mails,
          ].slice(0, MOST);
        },
      );
      return true;
    },
    takeCall(call) {
      calls = [{ ...call, number: ++number, at: clock() }, ...calls].slice(0, MOST);
    },
    mails: () => mails,
    calls: () => calls,
    clear() {
      [mails, calls] = [[], []];
    },
  };
}
