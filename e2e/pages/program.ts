/** A program that calls the portal, with a token of the sandbox's Entra ID. */
const ENTRA = process.env.E2E_ENTRA_URL;
const TENANT = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const PORTAL = '3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05';
/** A program to which the organization has granted the role to bring mapping files. */
export const PERSONNEL = {
  client_id: '8e1f6c02-4b7d-4a35-9c60-2d5b9a7e13f4',
  client_secret: 'sandbox-personnel-secret-opens-nothing-real',
};
/** The portal itself, which has not. */
export const ITSELF = { client_id: PORTAL, client_secret: 'sandbox-portal-secret-opens-nothing-real' };

/** A token of Entra ID for the portal. */
export async function tokenOf(app: typeof PERSONNEL): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: `api://${PORTAL}/.default`, ...app };
  const url = `${ENTRA}/${TENANT}/oauth2/v2.0/token`;
  const answered = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return (await answered.json()).access_token;
}
