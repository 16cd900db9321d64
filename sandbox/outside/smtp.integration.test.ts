import { mkdtempSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serverTls } from '../tls.ts';
import { type CaughtMail, smtpServer } from './smtp.ts';

let server: Server;
let port: number;
let ca: string;
let caught: CaughtMail[];
beforeEach(async () => {
  const tls = await serverTls(mkdtempSync(join(tmpdir(), 'smtp-')), new Date());
  ca = readFileSync(tls.caPath, 'utf8');
  caught = [];
  server = smtpServer(tls, (mail) => caught.push(mail) > 0);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => void server.close());

it('takes a mail over STARTTLS, with its lines that begin with a dot', async () => {
  const transport = createTransport({ host: 'localhost', port, requireTLS: true, tls: { ca } });
  const text = 'one\n.\n..two\nthree';
  await transport.sendMail({ from: 'a@x.example', to: ['b@x.example', 'c@x.example'], subject: 'Dots', text });
  const [mail] = caught;
  expect(mail).toMatchObject({ from: 'a@x.example', to: ['b@x.example', 'c@x.example'] });
  expect(mail?.raw.toString()).toContain('one\r\n.\r\n..two\r\nthree');
});

it('takes nothing before TLS, and believes nothing that was said before it', async () => {
  const heard = await new Promise<string>((done) => {
    let all = '';
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('EHLO x\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nQUIT\r\n');
    });
    socket.on('data', (data) => {
      all += data.toString();
    });
    socket.on('close', () => done(all));
  });
  expect(heard.match(/^530 /gm)).toHaveLength(3);
  expect(caught).toEqual([]);
});
