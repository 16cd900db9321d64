/** `userinfo`: what OpenID Connect tells about the person of an access token. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { findPerson, findTenant } from '../world/tenants.ts';
import { graphAudiences, readAccessToken, TokenRefused } from './access-tokens.ts';
import { pairwiseSubject } from './people.ts';
import type { EntraSurroundings } from './surroundings.ts';

/** Answers with the claims that the token's scopes allow, or 401. */
export function userInfoRoute(
  around: EntraSurroundings,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    try {
      return reply.send(await claimsOfToken(token ?? '', around));
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: { code: 'InvalidAuthenticationToken', message: error.message } });
    }
  };
}

/** @throws {TokenRefused} */
async function claimsOfToken(token: string, around: EntraSurroundings): Promise<Record<string, unknown>> {
  if (token === '') throw new TokenRefused('Access token is empty.');
  const claims = await readAccessToken(around.key, token, graphAudiences(around.graphUrl()), around.clock());
  const tenant = findTenant(around.tenants, claims.tid);
  const person = tenant && findPerson(tenant, claims.oid);
  if (!person || !claims.scp.includes('openid')) {
    throw new TokenRefused('Access token validation failure.');
  }
  return {
    sub: pairwiseSubject(person.id, claims.appid),
    ...(claims.scp.includes('profile') && {
      name: person.displayName,
      given_name: person.givenName,
      family_name: person.surname,
    }),
    ...(claims.scp.includes('email') && person.mail !== null && { email: person.mail }),
  };
}
