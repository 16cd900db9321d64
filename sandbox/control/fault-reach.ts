/** Which requests of a service a rule can do anything to, and why one never could. */
import { type FaultKind, faultKinds, type ServiceName } from './fault.ts';
import { globMatcher, globsMeet } from './globs.ts';

/** `METHOD /path` with `{}` for a segment and `*` for anything */
type Places = readonly string[];
type Reach = Readonly<Partial<Record<FaultKind, Places>>>;

/** What a kind can strike. Everything, unless it stands here; an empty list where it means nothing to the service. */
const reaches: Readonly<Record<ServiceName, Reach>> = {
  // an upload's address takes no token
  graph: { expire: ['* /v1.0/*', '* /beta/*'] },
  entra: {
    expire: ['POST /{}/oauth2/v2.0/token'],
    // a token that nobody waits for leaves no trace; a consent or a sign-in does
    'commit-late': ['POST /{}/v2.0/adminconsent', 'POST /{}/sign-in/{}'],
    duplicate: [],
  },
  telemessage: {
    // whatever takes a session, and what gives one out
    expire: [
      'POST /v1/sessions',
      'POST /v1/connectors',
      'GET /v1/connectors/{}',
      'DELETE /v1/connectors/{}',
      'GET /v1/archives/{}/status',
      'GET /v1/archives/{}/items',
      'GET /v1/archives/{}/manifest',
      'GET /v1/archives/{}/users',
      'GET /v1/attachments/{}',
    ],
    duplicate: ['GET /v1/archives/{}/items'],
  },
};

/** where a request to Graph is about one mailbox */
const MAILBOX_PLACES: Places = ['* /*/users/*', "* /*/users('*", '* /*/me', '* /*/me/*', '* /uploads/{}'];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

const names: Readonly<Record<ServiceName, string>> = {
  graph: 'Graph',
  entra: 'Entra ID',
  telemessage: 'TeleMessage',
};

/** Whether the fault can do anything to a request; `route` is its `METHOD /path`. */
export function canStrike(service: ServiceName, kind: FaultKind, route: string): boolean {
  return reaches[service][kind]?.some((place) => matcherOf(place)(route)) ?? true;
}

/** Kinds that mean something to a service. */
export function kindsOf(service: ServiceName): readonly FaultKind[] {
  return faultKinds.filter((kind) => reaches[service][kind]?.length !== 0);
}

interface Never {
  /** the part of the rule that is wrong */
  readonly path: readonly string[];
  readonly sentence: string;
}

interface Rule {
  readonly service: ServiceName;
  readonly route: string;
  readonly mailbox?: string | undefined;
  readonly fault: { readonly kind: FaultKind };
}

/** Why a rule could never strike, as a sentence; undefined where it could. */
export function whyNever(rule: Rule): Never | undefined {
  return whyNotThisKind(rule) ?? whyNotThisRoute(rule) ?? whyNotThere(rule) ?? whyNoMailbox(rule);
}

function whyNotThisKind({ service, fault: { kind } }: Rule): Never | undefined {
  if (reaches[service][kind]?.length !== 0) return undefined;
  const sentence = `${kind} means nothing to ${names[service]}, which takes ${kindsOf(service).join(', ')}.`;
  return { path: ['fault', 'kind'], sentence };
}

function whyNotThisRoute({ route }: Rule): Never | undefined {
  const because = (sentence: string): Never => ({ path: ['route'], sentence });
  if (route.includes('?')) return because('The query of a request does not count: leave out ? and what follows.');
  if (METHODS.some((method) => globsMeet(route, `${method} /*`))) return undefined;
  const [method = '', path] = route.split(' ');
  if (method === '' || path === undefined)
    return because('A route is a method and a path, such as POST /v1.0/*, or only *.');
  if (METHODS.some((one) => globsMeet(method, one))) return because('The path of a route begins with / or with *.');
  return because(`There is no method ${method}, only ${METHODS.join(', ')}.`);
}

function whyNotThere({ service, route, fault: { kind } }: Rule): Never | undefined {
  const reach = reaches[service][kind];
  if (!reach || reach.some((place) => globsMeet(place, route))) return undefined;
  const shown = reach.map((place) => place.replaceAll('{}', '*')).join(' and ');
  const sentence = `At ${names[service]}, ${kind} strikes ${shown} only, and this route is none of that.`;
  return { path: ['route'], sentence };
}

function whyNoMailbox({ service, route, mailbox }: Rule): Never | undefined {
  const because = (sentence: string): Never => ({ path: ['mailbox'], sentence });
  if (mailbox === undefined) return undefined;
  if (service !== 'graph') return because(`${names[service]} has no mailboxes: leave it out.`);
  if (MAILBOX_PLACES.some((place) => globsMeet(place, route))) return undefined;
  return because('Requests on this route are about no one mailbox; those inside a batch have routes of their own.');
}

const matchers = new Map<string, (route: string) => boolean>();

function matcherOf(place: string): (route: string) => boolean {
  const matcher = matchers.get(place) ?? globMatcher(place.replaceAll('{}', '*'));
  matchers.set(place, matcher);
  return matcher;
}
