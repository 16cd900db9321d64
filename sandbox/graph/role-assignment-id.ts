/**
 * Ids of role assignments as Entra ID makes them: role and principal, the bytes of both GUIDs in Microsoft's order, in
 * base64url, and `-1` for the whole directory as scope. `lAPpYvVpN0KRkAEhdxReE…-1` is a Global Administrator.
 */
export function roleAssignmentId(roleTemplateId: string, principalId: string): string {
  return `${Buffer.concat([guidBytes(roleTemplateId), guidBytes(principalId)]).toString('base64url')}-1`;
}

/** The first three groups are numbers, and come with their lowest byte first. */
function guidBytes(guid: string): Buffer {
  const [one = '', two = '', three = '', ...rest] = guid.split('-');
  const numbers = [one, two, three].map((group) => Buffer.from(group, 'hex').reverse());
  return Buffer.concat([...numbers, Buffer.from(rest.join(''), 'hex')]);
}
