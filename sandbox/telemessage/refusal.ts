/** The refusals of the contract: an HTTP status with a result code. Codes 300 to 320 and 400 are TeleMessage's own. */

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly resultCode: number;
  readonly resultDescription: string;
  /** seconds, for the answers that say when to come back */
  readonly retryAfter: number | null;

  constructor(status: number, resultCode: number, resultDescription: string, retryAfter: number | null = null) {
    super(`${resultCode} ${resultDescription}`);
    this.status = status;
    this.resultCode = resultCode;
    this.resultDescription = resultDescription;
    this.retryAfter = retryAfter;
  }
}

export const refusals = {
  userDoesntExist: () => new Refusal(401, 300, 'USER_DOESNT_EXIST'),
  invalidPassword: () => new Refusal(401, 301, 'INVALID_PASSWORD'),
  sessionExpired: () => new Refusal(401, 302, 'SESSION_EXPIRED'),
  userSuspended: () => new Refusal(403, 309, 'USER_SUSPENDED'),
  pinRequired: () => new Refusal(403, 310, 'PIN_REQUIRED'),
  kindNotOrdered: () => new Refusal(403, 320, 'KIND_NOT_ORDERED'),
  malformed: () => new Refusal(400, 400, 'GENERAL_ERROR'),
  notFound: () => new Refusal(404, 404, 'NOT_FOUND'),
  cursorExpired: () => new Refusal(400, 410, 'CURSOR_EXPIRED'),
  badWindow: () => new Refusal(400, 411, 'BAD_WINDOW'),
  notSettled: () => new Refusal(412, 412, 'NOT_SETTLED'),
  purged: () => new Refusal(410, 413, 'ATTACHMENT_PURGED'),
  notReady: (seconds: number) => new Refusal(425, 425, 'ATTACHMENT_NOT_READY', seconds),
  throttled: (seconds: number) => new Refusal(429, 429, 'TOO_MANY_REQUESTS', seconds),
} as const;

/** The result code of a description; that of a general error where the contract has no such description. */
export function resultCodeOf(description: string): number {
  const seconds = 0;
  const known = Object.values(refusals).map((refusal) => refusal(seconds));
  return (known.find((one) => one.resultDescription === description) ?? refusals.malformed()).resultCode;
}
