/**
 * Adding a connector, from nothing to live: what the wizard's pages call, and what a script calls to do the same.
 * Each takes the parts of this process, who does it, and its input; each returns what came of it and throws only
 * `NotAllowed` for a permission that is missing, or what the database throws.
 */
export { type AcceptTermsResult, acceptTerms } from './accept-terms.ts';
export { type ChooseMailboxesResult, chooseMailboxes } from './choose-mailboxes.ts';
export {
  completeConsent,
  type ProveConsentResult,
  proveConsent,
  type RequestConsentResult,
  requestConsent,
} from './consent.ts';
export { checkCoverage, type DraftCoverage } from './coverage.ts';
export { type DiscardResult, discardDraft } from './discard.ts';
export type { Draft } from './draft.ts';
export { type FinishResult, finish } from './finish.ts';
export { type LoginResult, loginToSource, type SignInToSourceResult, signInToSource } from './login.ts';
export {
  domainsOfFile,
  removeMappingFile,
  type SaveMappingResult,
  saveMapping,
  uploadMappingFile,
} from './mapping.ts';
export { review } from './review.ts';
export { countConnectors, findDraft, startDraft } from './start.ts';
