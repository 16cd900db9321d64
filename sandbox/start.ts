/** Builds the sandbox from its rooms and starts its listeners. */
import type { FastifyInstance } from 'fastify';
import type { Clock, SandboxParts } from './composition.ts';
import { type ContractWatch, contractWatch } from './contracts/watch-services.ts';
import { type FaultHooks, installFaults } from './control/fault-hooks.ts';
import { faultRegistry } from './control/faults.ts';
import { mailboxOwner } from './control/mailbox-owner.ts';
import { entraPageRefusal, entraRefusal, graphRefusal, telemessageRefusal } from './control/refusals.ts';
import { controlRoutes } from './control/routes.ts';
import { openDatabase } from './database.ts';
import { graphAudiences } from './entra/access-tokens.ts';
import { appManifest } from './entra/app-manifest.ts';
import { authorizeRoutes } from './entra/authorize-routes.ts';
import { certificateRegistry } from './entra/certificates.ts';
import { consentRoutes } from './entra/consent-routes.ts';
import { consentRegistry } from './entra/consents.ts';
import { signingKey } from './entra/keys.ts';
import { takeOwnFormsOnly } from './entra/own-forms.ts';
import { tenantProvider } from './entra/provider.ts';
import { signInRoutes } from './entra/sign-in-routes.ts';
import { tokenRoutes, unroutableAtEntra } from './entra/token-routes.ts';
import { Callers } from './graph/callers.ts';
import { graphLimits } from './graph/limits.ts';
import { limitsDesk } from './graph/limits-desk.ts';
import { MailboxStore } from './graph/mailbox-store.ts';
import { mailboxReader } from './graph/reader.ts';
import { requestOwner } from './graph/request-owner.ts';
import { badGraphUrl, graphRoutes } from './graph/server.ts';
import { GraphService } from './graph/service.ts';
import { Throttle } from './graph/throttle.ts';
import { UploadSessions } from './graph/upload-sessions.ts';
import { browserListener, secureListener, type UnroutableAnswer } from './listeners.ts';
import { hookRoutes } from './outside/hooks.ts';
import { outsideWorld } from './outside/outside.ts';
import { smtpServer } from './outside/smtp.ts';
import { answerInPages, refuse } from './pages/answer.ts';
import { formRoutes } from './pages/forms.ts';
import { pageRoutes } from './pages/routes.ts';
import { chosenPorts } from './ports.ts';
import { readSettings, type SandboxSettings } from './settings.ts';
import { telemessageRoutes, unroutableAtTelemessage } from './telemessage/server.ts';
import { telemessageSite } from './telemessage/site.ts';
import { serverTls } from './tls.ts';
import { type NationalCloud, nationalClouds } from './world/clouds.ts';
import { openDirectory } from './world/directory.ts';
import { portalApp } from './world/portal-app.ts';
import { tenants as world } from './world/tenants.ts';

export interface SandboxUrls {
  /** browser: pages, sign-in, consent, control API */
  readonly http: string;
  readonly entra: string;
  readonly graph: string;
  /** where upload sessions take bytes, by Graph's port */
  readonly uploads: string;
  readonly telemessage: string;
  /** takes webhooks */
  readonly hooks: string;
}

export interface RunningSandbox {
  readonly urls: SandboxUrls;
  /** certificate that clients must trust, for NODE_EXTRA_CA_CERTS */
  readonly caPath: string;
  readonly parts: SandboxParts;
  readonly contracts: ContractWatch;
  /** Ends the listeners and closes the database. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly settings?: SandboxSettings;
  readonly clock?: Clock;
}

/** Settings for tests: nothing on disk but certificates in `tlsDir`, free ports; `change` overrides single values. */
export function testSettings(tlsDir: string, change: Partial<SandboxSettings> = {}): SandboxSettings {
  const settings = readSettings({ SANDBOX_DATA: 'memory', SANDBOX_TLS_DIR: tlsDir });
  return { ...settings, ports: { http: 0, entra: 0, graph: 0, telemessage: 0, smtp: 0, hooks: 0 }, ...change };
}

/** Starts the sandbox. Rejects when a port is taken. */
export async function startSandbox(options: StartOptions = {}): Promise<RunningSandbox> {
  const settings = options.settings ?? readSettings();
  const clock: Clock = options.clock ?? (() => new Date());
  const cloud = settings.cloud === undefined ? undefined : nationalClouds[settings.cloud];
  const names = [settings.name, ...(cloud ? Object.values(cloud) : [])];
  // clients hold a certificate against their own clock, not against the sandbox's
  const tls = await serverTls(settings.tlsDir, new Date(), names);
  const ports = await chosenPorts(settings);
  const urls = urlsOf(ports, settings.name, cloud);

  const database = openDatabase(settings.data, 'sandbox');
  const directory = openDirectory(database, world);
  const { tenants } = directory;
  const mailboxes = openDatabase(settings.data, 'mailboxes');
  const store = new MailboxStore(mailboxes, { keepBodies: settings.keepBodies });
  const limits = graphLimits(settings.limitsScale, settings.graphLatencyMs);
  const throttle = new Throttle(limits);
  const uploads = new UploadSessions(mailboxes);
  const parts: SandboxParts = {
    settings,
    tenants,
    directory,
    mailboxes: mailboxReader(store, clock, uploads),
    consents: consentRegistry(database),
    faults: faultRegistry(settings.seed, mailboxOwner(tenants)),
    limits: limitsDesk(limits, throttle, () => graphLimits(settings.limitsScale, settings.graphLatencyMs)),
    clock,
    database,
    outside: outsideWorld(clock),
  };

  const key = await signingKey(database);
  const certificates = certificateRegistry(database);
  const manifest = appManifest(database);
  const entraParts = {
    key,
    tenants,
    consents: parts.consents,
    certificates,
    manifest,
    clock,
    tokenSeconds: settings.tokenSeconds,
    clientSecret: settings.clientSecret ?? portalApp.clientSecret,
    entraUrl: () => urls.entra,
    graphUrl: () => urls.graph,
  };
  const providers = new Map(tenants.map((tenant) => [tenant.id, tenantProvider(tenant, entraParts)]));
  const context = {
    tenants,
    store,
    uploads,
    consents: parts.consents,
    limits,
    clock,
    baseUrl: () => urls.graph,
    uploadsUrl: () => urls.uploads,
  };
  const service = new GraphService(context, throttle, parts.faults);
  const callers = new Callers(key, tenants, () => graphAudiences(urls.graph));

  const contracts = contractWatch(settings.contracts);

  const browser = browserListener(settings.isRemote, refuse);
  answerInPages(browser);
  await browser.register(async (scope) => {
    takeOwnFormsOnly(scope);
    installFaults(scope, { service: 'entra', faults: parts.faults, refusal: entraPageRefusal });
    await scope.register(formRoutes(authorizeRoutes({ ...entraParts, providers })));
    await scope.register(formRoutes(signInRoutes({ providers, tenants })));
    await scope.register(formRoutes(consentRoutes(entraParts)));
  });
  await browser.register(
    controlRoutes({
      faults: parts.faults,
      consents: parts.consents,
      directory,
      mailboxes: parts.mailboxes,
      certificates,
      manifest,
      limits: parts.limits,
      contracts,
      telemessage: await telemessageSite(parts),
      clearMailboxes: () => {
        store.clear();
        uploads.clear();
        parts.outside.clear();
      },
    }),
    { prefix: '/sandbox/control' },
  );
  await browser.register(pageRoutes(parts));

  const secure = (hooks: Omit<FaultHooks, 'faults'>, unroutable: UnroutableAnswer): FastifyInstance => {
    const server = secureListener(tls, unroutable);
    contracts.on(hooks.service, server);
    installFaults(server, { ...hooks, faults: parts.faults });
    return server;
  };
  const entra = secure({ service: 'entra', refusal: entraRefusal(clock) }, unroutableAtEntra(clock));
  await entra.register(tokenRoutes({ ...entraParts, providers, browserUrl: () => urls.http }));
  const graphHooks = { refusal: graphRefusal(clock), mailbox: requestOwner(context, callers) };
  const graph = secure({ service: 'graph', ...graphHooks }, badGraphUrl(service));
  await graph.register(graphRoutes(service, callers));
  const telemessage = secure({ service: 'telemessage', refusal: telemessageRefusal }, unroutableAtTelemessage);
  await telemessage.register(telemessageRoutes(parts));

  const hooks = secureListener(tls, (_request, reply) => reply.code(400).send());
  await hooks.register(hookRoutes(parts.outside));
  const smtp = smtpServer(tls, parts.outside.takeMail);

  const listeners = [browser, entra, graph, telemessage, hooks];
  const stop = async (): Promise<void> => {
    smtp.close();
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
      hooks.listen({ port: ports.hooks, host }),
      new Promise<void>((resolve, reject) => {
        smtp.once('error', reject);
        smtp.listen({ port: ports.smtp, host }, resolve);
      }),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { urls, caPath: tls.caPath, parts, contracts, stop };
}

/** @param cloud where it stands in for one under its own names: they are reached on port 443, by whoever leads them here */
function urlsOf(
  ports: SandboxSettings['ports'],
  name: string,
  cloud: (typeof nationalClouds)[NationalCloud] | undefined,
): SandboxUrls {
  return {
    http: `http://localhost:${ports.http}`,
    entra: cloud ? `https://${cloud.entra}` : `https://${name}:${ports.entra}`,
    graph: cloud ? `https://${cloud.graph}` : `https://${name}:${ports.graph}`,
    uploads: cloud ? `https://${cloud.uploads}` : `https://${name}:${ports.graph}`,
    telemessage: `https://${name}:${ports.telemessage}`,
    hooks: `https://${name}:${ports.hooks}`,
  };
}
