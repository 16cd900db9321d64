/** A program that calls the portal by itself: who it is to the use-cases, and what it is told where it may not. */
import { noteRefusal, type RefusalDeps } from '../audit/refusal.ts';
import type { AppCaller, CallerRefusal } from '../microsoft/app-caller.ts';
import type { Actor } from '../security/actor.ts';
import { appRolesAmong, type Permission } from '../security/roles.ts';
import { type ProblemCode, problem } from './answers.ts';

const CALLER_PROBLEMS: Readonly<Record<CallerRefusal, readonly [ProblemCode, HeadersInit]>> = {
  // RFC 6750, 3: what a client is told about its token.
  no_token: ['no-token', { 'www-authenticate': 'Bearer' }],
  invalid_token: ['invalid-token', { 'www-authenticate': 'Bearer error="invalid_token"' }],
  not_an_application: ['not-an-application', {}],
  unreachable: ['unavailable', { 'retry-after': '30' }],
};

/** Whose token is not accepted. Nothing is noted: it stands for nobody of an organization. */
export function refusedCaller(refusal: CallerRefusal): Response {
  const [code, headers] = CALLER_PROBLEMS[refusal];
  return problem(code, {}, headers);
}

/** The program as who acts: its service principal, with the app roles that this portal knows. */
export function programOf(caller: AppCaller, clientAddress: string | undefined): Actor {
  return {
    organizationId: caller.organizationId,
    userId: caller.objectId,
    name: `App ${caller.appId}`,
    address: caller.appId,
    roles: appRolesAmong(caller.roles),
    clientAddress,
  };
}

/** A program of the organization without the role that this needs. That it was refused is in the audit log. */
export async function refuseProgram(deps: RefusalDeps, actor: Actor, permission: Permission): Promise<Response> {
  await noteRefusal(deps, actor, permission, null);
  return problem('role-missing');
}
