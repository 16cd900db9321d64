/** For tests: a mail server and a receiver of webhooks on this machine, with certificates that this process trusts. */
import { mkdtempSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import PostalMime, { type Email } from 'postal-mime';
import { smtpServer } from '#sandbox/outside/smtp.ts';
import { serverTls } from '#sandbox/tls.ts';

export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface OutsideWorld {
  readonly smtpPort: number;
  /** host:port of the receiver */
  readonly host: string;
  /** those that were acknowledged */
  mails(): Promise<readonly (Email & { readonly recipient: string })[]>;
  readonly calls: ReceivedCall[];
  /** the mail server has trouble */
  mailFails: boolean;
  /** what the receiver answers */
  answer: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };
  forget(): void;
  stop(): Promise<void>;
}

export async function outsideOfTest(): Promise<OutsideWorld> {
  const tls = await serverTls(mkdtempSync(join(tmpdir(), 'outside-')), new Date());
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(tls.caPath, 'utf8')]);
  const mails: Promise<Email & { readonly recipient: string }>[] = [];
  const calls: ReceivedCall[] = [];
  const state = { mailFails: false, answer: { status: 200 } as OutsideWorld['answer'] };
  const smtp = smtpServer(tls, ({ to, raw }) => {
    if (state.mailFails) return false;
    mails.push(PostalMime.parse(raw).then((mail) => ({ ...mail, recipient: to.join(',') })));
    return true;
  });
  const hooks = createServer({ key: tls.key, cert: tls.cert }, async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', url: path = '', headers } = request;
    calls.push({ method, path, headers, body: Buffer.concat(pieces).toString('utf8') });
    response.writeHead(state.answer.status, state.answer.headers).end(state.answer.body ?? 'ok');
  });
  const [smtpPort, hooksPort] = [await listen(smtp), await listen(hooks)];
  return Object.assign(state, {
    smtpPort,
    host: `localhost:${hooksPort}`,
    mails: () => Promise.all(mails),
    calls,
    forget() {
      mails.length = 0;
      calls.length = 0;
      Object.assign(state, { mailFails: false, answer: { status: 200 } });
    },
    async stop() {
      hooks.closeAllConnections();
      await Promise.all([smtp, hooks].map((server) => new Promise((done) => server.close(done))));
    },
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port)));
}
