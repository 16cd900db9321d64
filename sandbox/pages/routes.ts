/**
 * The pages of the sandbox: what a person looks at to see what the portal did, and where faults are set. Made on the
 * server, without script; the content security policy allows none.
 */
import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import type { SandboxParts } from '../composition.ts';
import { isForeign } from '../listeners.ts';
import { BODY_POLICY, sendPage } from './answer.ts';
import { directoryPages } from './directory-routes.ts';
import { faultsRoutes } from './faults-routes.ts';
import { understandForms } from './forms.ts';
import { homePage } from './home-page.ts';
import { mailboxPages } from './mailbox-routes.ts';
import { mailDocument, outsidePage } from './outside-page.ts';
import { stylesheet } from './style.ts';
import { telemessagePages } from './telemessage-routes.ts';

const mailPart = z.object({ number: z.coerce.number().int() });

export function pageRoutes(parts: SandboxParts): FastifyPluginAsync {
  return async (app) => {
    understandForms(app);
    app.addHook('onRequest', async (request, reply) => {
      if (request.method === 'POST' && isForeign(request)) {
        return reply.code(403).type('text/plain').send('This form must be sent from the sandbox itself.');
      }
      return undefined;
    });

    app.get('/style.css', (_request, reply) =>
      reply.type('text/css').header('cache-control', 'no-cache').send(stylesheet),
    );
    app.get('/', (_request, reply) => sendPage(reply, homePage(parts)));
    await app.register(directoryPages(parts));

    await app.register(mailboxPages(parts));
    await app.register(telemessagePages(parts));
    app.get('/sent', (_request, reply) => sendPage(reply, outsidePage(parts.outside)));
    app.get('/sent/mails/:number/html', (request, reply) => {
      const number = mailPart.safeParse(request.params).data?.number;
      return sendPage(reply, number === undefined ? undefined : mailDocument(parts.outside, number), BODY_POLICY);
    });
    await app.register(faultsRoutes(parts));
  };
}
