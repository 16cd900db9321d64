/** Who calls a route. Pages send strangers to the sign-in page; a route answers with a status. */
import { recordRefusal, signedIn } from '#app/authentication.ts';
import type { Actor } from '#lib/security/actor.ts';
import { isAllowed, type Permission } from '#lib/security/roles.ts';

/** The person who is signed in and has the permission, or the answer to send instead: 401, 403. */
export async function authorized(permission: Permission): Promise<Actor | Response> {
  const actor = await signedIn();
  if (actor === null) return new Response(null, { status: 401 });
  if (isAllowed(actor.roles, permission)) return actor;
  await recordRefusal(actor, permission, null);
  return new Response(null, { status: 403 });
}
