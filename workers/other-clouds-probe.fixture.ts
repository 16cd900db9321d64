/**
 * For `other-clouds.fixture.ts`, as a process of its own, because the way out is read from the environment: an
 * administrator consents and signs in, by the product's own clients. Prints what came of it, as JSON.
 *
 *   node workers/other-clouds-probe.fixture.ts <cloud> <address of the discovery document that sign-in asks>
 */
import { generators, Issuer } from 'openid-client';
import { z } from 'zod';
import { createAppTokens } from '#lib/microsoft/app-token.ts';
import { MICROSOFT_CLOUDS, microsoftHosts } from '#lib/microsoft/clouds.ts';
import { adminConsentUrl } from '#lib/microsoft/consent.ts';
import { discover } from '#lib/microsoft/discovery.ts';
import { createGraph } from '#lib/microsoft/graph.ts';
import { proveConsent } from '#lib/microsoft/prove-consent.ts';
import { createTransport } from '#lib/microsoft/transport.ts';
import { sendByProxy } from '#lib/outgoing.ts';
import { Browser } from '#sandbox/test-browser.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';

sendByProxy(process.env);

const hosts = microsoftHosts(z.enum(MICROSOFT_CLOUDS).parse(process.argv[2]));
const { clientId } = portalApp;
const clientSecret = z.string().parse(process.env.ENTRA_CLIENT_SECRET);
const tenantId = alderByrne.id;
const transport = createTransport();
const account = 'grace.adeyemi@alderbyrne.example';

const { authorizationEndpoint } = await discover(hosts, tenantId, transport);
const consenting = new Browser();
const redirectUri = 'http://localhost:3999/api/consent/callback';
const scope = hosts.graphScope;
await consenting.open(
  adminConsentUrl({ authorizationEndpoint, tenantId, clientId, scope, redirectUri, state: 'state' }),
);
await consenting.submit({ account });
await consenting.submit({ decision: 'accept' });

const tokens = createAppTokens({ hosts, clientId, credential: { secret: clientSecret }, transport });
const graph = createGraph({ hosts, tokens, tenantId, transport });
const proof = await proveConsent({ tokens, graph, mode: 'all', probeAddresses: [account] });

const issuer = await Issuer.discover(z.string().parse(process.argv[3]));
const callback = `http://localhost:3999/api/auth/callback/${tenantId}`;
const client = new issuer.Client({
  client_id: clientId,
  client_secret: clientSecret,
  redirect_uris: [callback],
  token_endpoint_auth_method: 'client_secret_post',
});
const checks = { state: generators.state(), nonce: generators.nonce() };
const signingIn = new Browser();
await signingIn.open(client.authorizationUrl({ scope: 'openid profile email', prompt: 'select_account', ...checks }));
await signingIn.submit({ account });
const signedIn = await client.callback(callback, client.callbackParams(signingIn.location), checks);

console.log(
  JSON.stringify({
    consented: new URL(consenting.location).searchParams.get('scope'),
    proven: proof.proven,
    issuer: signedIn.claims().iss,
    name: signedIn.claims().name,
  }),
);
process.exit(0);
