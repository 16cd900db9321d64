/** Why somebody accepts that something is not imported: one list of codes. The words are the page's. Pure. */
export const SIGN_OFF_REASONS = ['nobody_owed', 'cannot_be_delivered', 'kept_elsewhere', 'other'] as const;
export type SignOffReason = (typeof SIGN_OFF_REASONS)[number];

/** Characters of a comment. */
export const COMMENT_LIMIT = 1000;
