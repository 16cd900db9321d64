/** Builds the sandbox from its rooms and starts its four listeners. */
import { createServer } from 'node:net';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { Clock, SandboxParts } from './composition.ts';
import { type FaultHooks, installFaults } from './control/fault-hooks.ts';
import { faultRegistry, type ServiceName } from './control/faults.ts';
import { controlRoutes } from './control/routes.ts';
import { openDatabase } from './database.ts';
import { GRAPH_AUDIENCES } from './entra/access-tokens.ts';
import { consentRoutes } from './entra/consent-routes.ts';
import { consentRegistry } from './entra/consents.ts';
import { entraErrorBody, entraErrors } from './entra/errors.ts';
import { signingKey } from './entra/keys.ts';
import { tenantProvider } from './entra/provider.ts';
import { signInRoutes } from './entra/sign-in-routes.ts';
import { tokenRoutes } from './entra/token-routes.ts';
import { Callers } from './graph/callers.ts';
import { errorBody } from './graph/errors.ts';
import { graphLimits } from './graph/limits.ts';
import { mailboxSettings } from './graph/mailbox-settings.ts';
import { MailboxStore } from './graph/mailbox-store.ts';
import { mailboxReader } from './graph/reader.ts';
import { badGraphUrl, graphRoutes } from './graph/server.ts';
import { GraphService } from './graph/service.ts';
import { Throttle } from './graph/throttle.ts';
import { UploadSessions } from './graph/upload-sessions.ts';
import { type BadUrlAnswer, browserListener, secureListener } from './listeners.ts';
import { pageRoutes } from './pages/routes.ts';
import { readSettings, type SandboxSettings } from './settings.ts';
import { resultCodeOf } from './telemessage/refusal.ts';
import { telemessageRoutes } from './telemessage/server.ts';
import { serverTls } from './tls.ts';
import { tenants } from './world/tenants.ts';

export interface SandboxUrls {
  /** browser: pages, sign-in, consent, control API */
  readonly http: string;
  readonly entra: string;
  readonly graph: string;
  readonly telemessage: string;
}

export interface RunningSandbox {
  readonly urls: SandboxUrls;
  /** certificate that clients must trust, for NODE_EXTRA_CA_CERTS */
  readonly caPath: string;
  readonly parts: SandboxParts;
  /** Ends the listeners and closes the database. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly settings?: SandboxSettings;
  readonly clock?: Clock;
  /** for tests: is given each listener for programs before anything is registered on it */
  readonly onListener?: (service: ServiceName, server: FastifyInstance) => void;
}

/** Settings for tests: nothing on disk but certificates in `tlsDir`, free ports; `change` overrides single values. */
export function testSettings(tlsDir: string, change: Partial<SandboxSettings> = {}): SandboxSettings {
  const settings = readSettings({ SANDBOX_DATA: 'memory', SANDBOX_TLS_DIR: tlsDir });
  return { ...settings, ports: { http: 0, entra: 0, graph: 0, telemessage: 0 }, ...change };
}

/** Starts the sandbox. Rejects when a port is taken. */
export async function startSandbox(options: StartOptions = {}): Promise<RunningSandbox> {
  const settings = options.settings ?? readSettings();
  const clock: Clock = options.clock ?? (() => new Date());
  const tls = await serverTls(settings.tlsDir, clock());
  const ports = await chosenPorts(settings);
  const urls = urlsOf(ports);

  const database = openDatabase(settings.data, 'sandbox');
  const mailboxes = openDatabase(settings.data, 'mailboxes');
  const store = new MailboxStore(mailboxes, { keepBodies: settings.keepBodies });
  const limits = graphLimits(settings.limitsScale, settings.graphLatencyMs);
  const throttle = new Throttle(limits);
  const uploads = new UploadSessions(mailboxes);
  const parts: SandboxParts = {
    settings,
    tenants,
    mailboxes: mailboxReader(store, clock, uploads),
    consents: consentRegistry(database),
    faults: faultRegistry(settings.seed),
    clock,
    database,
  };

  const key = await signingKey(database);
  const providers = new Map(
    tenants.map((tenant) => [
      tenant.id,
      tenantProvider(tenant, {
        key,
        consents: parts.consents,
        clock,
        tokenSeconds: settings.tokenSeconds,
        entraUrl: () => urls.entra,
        graphUrl: () => urls.graph,
      }),
    ]),
  );
  const settingsOfMailboxes = mailboxSettings(database);
  const context = {
    store,
    uploads,
    consents: parts.consents,
    mailboxSettings: settingsOfMailboxes,
    limits,
    clock,
    baseUrl: () => urls.graph,
  };
  const service = new GraphService(context, throttle, parts.faults);
  const callers = new Callers(key, () => [...GRAPH_AUDIENCES, urls.graph]);

  const browser = browserListener(settings.allowRemote);
  await browser.register(formRoutes(signInRoutes({ providers })));
  await browser.register(formRoutes(consentRoutes(parts.consents)));
  await browser.register(
    controlRoutes({
      faults: parts.faults,
      consents: parts.consents,
      mailboxSettings: settingsOfMailboxes,
      limits,
      resetLimits: () => {
        Object.assign(limits, graphLimits(settings.limitsScale, settings.graphLatencyMs));
        throttle.clear();
      },
      clearMailboxes: () => {
        store.clear();
        settingsOfMailboxes.clear();
        uploads.clear();
      },
    }),
    { prefix: '/sandbox/control' },
  );
  await browser.register(pageRoutes(parts));

  const secure = (hooks: Omit<FaultHooks, 'faults'>, badUrl?: BadUrlAnswer): FastifyInstance => {
    const server = secureListener(tls, badUrl);
    options.onListener?.(hooks.service, server);
    installFaults(server, { ...hooks, faults: parts.faults });
    return server;
  };
  const entra = secure({ service: 'entra', refusal: entraRefusal(clock) });
  await entra.register(tokenRoutes({ providers, clock, entraUrl: () => urls.entra, browserUrl: () => urls.http }));
  const graph = secure({ service: 'graph', refusal: graphRefusal(clock) }, badGraphUrl(service));
  await graph.register(graphRoutes(service, callers));
  const telemessage = secure({ service: 'telemessage', refusal: telemessageRefusal });
  await telemessage.register(telemessageRoutes(parts));

  const listeners = [browser, entra, graph, telemessage];
  const stop = async (): Promise<void> => {
    await Promise.all(listeners.map((server) => server.close()));
    store.close();
    if (database.isOpen) database.close();
  };
  try {
    const { host } = settings;
    await Promise.all([
      browser.listen({ port: ports.http, host }),
      entra.listen({ port: ports.entra, host }),
      graph.listen({ port: ports.graph, host }),
      telemessage.listen({ port: ports.telemessage, host }),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls, caPath: tls.caPath, parts, stop };
}

/** Entra's forms come as `application/x-www-form-urlencoded`. */
function formRoutes(routes: FastifyPluginAsync): FastifyPluginAsync {
  return async (server) => {
    server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))));
    });
    await server.register(routes);
  };
}

function graphRefusal(clock: Clock): FaultHooks['refusal'] {
  return (fault, request) => {
    const ids = { requestId: request.id, clientRequestId: request.id, now: clock() };
    return { status: fault.status, body: errorBody(fault.code, 'Refused by a fault rule of the sandbox.', ids) };
  };
}

function entraRefusal(clock: Clock): FaultHooks['refusal'] {
  return ({ status, code }) => ({
    status,
    body: entraErrorBody(entraErrors.other(code, status, 'Refused by a fault rule of the sandbox.'), clock()),
  });
}

/** Ports with 0 replaced by free ones, since the addresses stand in tokens and documents before anything listens. */
async function chosenPorts(settings: SandboxSettings): Promise<SandboxSettings['ports']> {
  const { http, entra, graph, telemessage } = settings.ports;
  const [one, two, three, four] = await freePorts(settings.host);
  return {
    http: http || one,
    entra: entra || two,
    graph: graph || three,
    telemessage: telemessage || four,
  };
}

async function freePorts(host: string): Promise<[number, number, number, number]> {
  const held = await Promise.all([holdPort(host), holdPort(host), holdPort(host), holdPort(host)]);
  await Promise.all(held.map(({ release }) => release()));
  const [one, two, three, four] = held;
  return [one.port, two.port, three.port, four.port];
}

function holdPort(host: string): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('the listener has no port'));
      return resolve({ port: address.port, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

function urlsOf(ports: SandboxSettings['ports']): SandboxUrls {
  return {
    http: `http://localhost:${ports.http}`,
    entra: `https://localhost:${ports.entra}`,
    graph: `https://localhost:${ports.graph}`,
    telemessage: `https://localhost:${ports.telemessage}`,
  };
}

/** The contract's error shape. */
const telemessageRefusal: FaultHooks['refusal'] = ({ status, code }) => ({
  status,
  body: { resultCode: resultCodeOf(code), resultDescription: code },
});
