/** Which requests of a service a kind of fault can do anything to. Everywhere, unless it stands here. */
import { type FaultKind, faultKinds, type ServiceName } from './fault.ts';
import { globPattern, globsMeet } from './globs.ts';

type Reach = Readonly<Partial<Record<FaultKind, readonly string[]>>>;

/** `METHOD /path` with `*` for anything; an empty list where the kind means nothing to the service */
const reaches: Readonly<Record<ServiceName, Reach>> = {
  // an upload's address takes no token
  graph: { expire: ['* /v1.0/*', '* /beta/*'] },
  entra: {
    expire: ['POST */oauth2/v2.0/token'],
    // a token that nobody waits for leaves no trace; a consent or a sign-in does
    'commit-late': ['POST */v2.0/adminconsent', 'POST */sign-in/*'],
    duplicate: [],
  },
  telemessage: { duplicate: ['GET /v1/archives/*/items'] },
};

const names: Readonly<Record<ServiceName, string>> = {
  graph: 'Graph',
  entra: 'Entra ID',
  telemessage: 'TeleMessage',
};

/** Whether the fault can do anything to a request; `route` is its `METHOD /path`. */
export function canStrike(service: ServiceName, kind: FaultKind, route: string): boolean {
  return reaches[service][kind]?.some((glob) => patternOf(glob).test(route)) ?? true;
}

/** Kinds that mean something to a service. */
export function kindsOf(service: ServiceName): readonly FaultKind[] {
  return faultKinds.filter((kind) => reaches[service][kind]?.length !== 0);
}

/** Why a rule could never strike, as a sentence with the part of the rule that is wrong; undefined where it could. */
export function whyNever(rule: {
  readonly service: ServiceName;
  readonly route: string;
  readonly mailbox?: string | undefined;
  readonly fault: { readonly kind: FaultKind };
}): { readonly path: readonly string[]; readonly sentence: string } | undefined {
  const { service, route, mailbox } = rule;
  const { kind } = rule.fault;
  const reach = reaches[service][kind];
  if (reach?.length === 0) {
    const sentence = `${kind} means nothing to ${names[service]}, which takes ${kindsOf(service).join(', ')}.`;
    return { path: ['fault', 'kind'], sentence };
  }
  if (reach && !reach.some((glob) => globsMeet(glob, route))) {
    const sentence = `At ${names[service]}, ${kind} strikes ${reach.join(' and ')} only, and this route is none of that.`;
    return { path: ['route'], sentence };
  }
  if (mailbox !== undefined && service !== 'graph') {
    return { path: ['mailbox'], sentence: `${names[service]} has no mailboxes: leave it out.` };
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();

function patternOf(glob: string): RegExp {
  const pattern = patterns.get(glob) ?? globPattern(glob);
  patterns.set(glob, pattern);
  return pattern;
}
