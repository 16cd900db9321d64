/**
 * A mail server that keeps what it is sent, for people to look at: as much of RFC 5321 as a client needs, with STARTTLS
 * (RFC 3207) by the sandbox's own certificate. It takes no mail before TLS, and delivers none to anybody.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { ServerTls } from '../tls.ts';

const LONGEST_LINE = 4_096;
const LARGEST_MAIL = 1_048_576;
const IDLE_MS = 60_000;

/** Somebody's mail as it came: the addresses of the envelope, and the message. */
export interface CaughtMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** @param take is called for each mail before it is acknowledged; false: refused, as by a server that has trouble */
export function smtpServer(tls: ServerTls, take: (mail: CaughtMail) => boolean): Server {
  const secureContext = createSecureContext({ key: tls.key, cert: tls.cert, minVersion: 'TLSv1.2' });
  return createServer((socket) => {
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => {});
    reply(socket, '220 localhost sandbox');
    converse(socket, false);
  });

  function converse(socket: Socket, isSecure: boolean): void {
    let pending = Buffer.alloc(0);
    let sender: string | null = null;
    let recipients: string[] = [];
    /** pieces of the message; null outside of DATA */
    let data: Buffer[] | null = null;
    let size = 0;

    const forget = (): void => {
      sender = null;
      recipients = [];
      data = null;
      size = 0;
    };

    const read = (piece: Buffer): void => {
      pending = Buffer.concat([pending, piece]);
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const line = pending.subarray(0, end);
        pending = pending.subarray(end + 2);
        if (data !== null) takeLine(line);
        else if (command(line.toString('latin1')) === 'handed over') return;
      }
      if (pending.length > LARGEST_MAIL || (data === null && pending.length > LONGEST_LINE)) socket.destroy();
    };

    const takeLine = (line: Buffer): void => {
      if (line.length === 1 && line[0] === 0x2e) {
        endData();
        return;
      }
      const content = line[0] === 0x2e ? line.subarray(1) : line;
      size += content.length + 2;
      if (size <= LARGEST_MAIL) data?.push(content, Buffer.from('\r\n'));
    };

    const endData = (): void => {
      const raw = Buffer.concat(data ?? []);
      const taken = size <= LARGEST_MAIL && take({ from: sender ?? '', to: recipients, raw });
      reply(socket, taken ? '250 2.0.0 kept for people to look at' : '451 4.3.0 the sandbox does not take mail now');
      forget();
    };

    const command = (line: string): 'handed over' | undefined => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO' || verb === 'HELO') {
        reply(socket, isSecure ? '250-localhost' : '250-localhost\r\n250-STARTTLS', `250 SIZE ${LARGEST_MAIL}`);
      } else if (line.toUpperCase() === 'STARTTLS' && !isSecure) {
        socket.removeListener('data', read);
        reply(socket, '220 ready for TLS');
        // What came in the clear behind the command is not believed (RFC 3207, 5).
        converse(
          new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => socket.destroy()),
          true,
        );
        return 'handed over';
      } else if (verb === 'QUIT') {
        reply(socket, '221 bye');
        socket.end();
      } else if (verb === 'NOOP') reply(socket, '250 ok');
      else if (verb === 'RSET') {
        forget();
        reply(socket, '250 ok');
      } else if (!isSecure) reply(socket, '530 5.7.0 STARTTLS first');
      else if (verb === 'MAIL') {
        forget();
        sender = addressIn(line);
        reply(socket, '250 ok');
      } else if (verb === 'RCPT' && sender !== null) {
        recipients.push(addressIn(line));
        reply(socket, '250 ok');
      } else if (verb === 'DATA' && recipients.length > 0) {
        data = [];
        reply(socket, '354 end with a dot');
      } else reply(socket, '503 5.5.1 not now');
      return undefined;
    };

    socket.on('data', read);
  }
}

function reply(socket: Socket, ...lines: readonly string[]): void {
  if (socket.writable) socket.write(`${lines.join('\r\n')}\r\n`);
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
