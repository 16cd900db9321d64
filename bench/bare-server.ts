/**
 * What the sandbox is measured against: the least that a server for `$batch` can do. Parses the body, keeps the SHA-256
 * of each message, answers 201. A process of its own, so that it has a core of its own: prints its address when it
 * listens, ends with its parent.
 */
import { hash } from 'node:crypto';
import { createServer } from 'node:https';
import { z } from 'zod';
import { serverTls } from '#sandbox/tls.ts';

const batchSchema = z.object({ requests: z.array(z.object({ id: z.string(), body: z.unknown() })) });
const [folder = ''] = process.argv.slice(2);
const tls = await serverTls(folder, new Date());
const kept: string[] = [];

const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { requests } = batchSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const responses = requests.map(({ id, body }) => {
      kept.push(hash('sha256', JSON.stringify(body)));
      return { id, status: 201, headers: { 'Content-Type': 'application/json' }, body: { id: String(kept.length) } };
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ responses }));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') console.log(`https://localhost:${address.port}`);
});
process.stdin.resume().once('end', () => process.exit(0));
