/**
 * The model ledger: what `lib/imports/store` means, in memory. Every question is answered at once and as one (nobody else
 * is inside), at the time that the simulation gives, with ids from counters: a seed replays exactly. A test holds it
 * against PostgreSQL (`agrees.integration.test.ts`).
 */
import type { Ledger } from '#lib/imports/ledger.ts';
import * as attachments from './attachments.ts';
import * as claims from './claims.ts';
import * as clearing from './clearing.ts';
import * as collect from './collect.ts';
import * as connectors from './connectors.ts';
import * as context from './context.ts';
import * as decide from './decide.ts';
import * as directory from './directory.ts';
import * as doubt from './doubt.ts';
import * as imports from './imports.ts';
import * as judged from './judged.ts';
import * as leases from './leases.ts';
import * as lostContent from './lost-content.ts';
import * as mendedItems from './mended-items.ts';
import * as pauses from './pauses.ts';
import * as reconcile from './reconcile.ts';
import * as reopen from './reopen.ts';
import * as setUp from './set-up.ts';
import { settle } from './settle.ts';
import { Tables } from './tables.ts';
import * as undone from './undone.ts';
import * as unretained from './unretained.ts';
import * as uploadSessions from './upload-sessions.ts';
import * as waiting from './waiting.ts';
import * as watch from './watch.ts';

/** A question as the model answers it: at once. */
type Answer<F> = F extends (...rest: infer A) => Promise<infer R> ? (tables: Tables, ...rest: A) => R : never;

/** Asked in several statements, as the source gives its users page by page. */
type InSteps = 'syncSourceUsers';

const QUESTIONS: { readonly [N in Exclude<keyof Ledger, InSteps>]: Answer<Ledger[N]> } = {
  connectorsToPlan: connectors.connectorsToPlan,
  requestedConnectors: connectors.requestedConnectors,
  dueCollects: imports.dueCollects,
  dueShards: claims.dueShards,
  deliveredImports: imports.deliveredImports,
  dueRechecks: reconcile.dueRechecks,
  importsToClear: clearing.importsToClear,
  waitingConnectors: connectors.waitingConnectors,
  doubtfulOrganizations: doubt.doubtfulOrganizations,
  organizationIds: connectors.organizationIds,
  watchImports: watch.watchImports,
  liveConnector: connectors.liveConnector,
  liveConnectorOfSource: connectors.liveConnectorOfSource,
  stopConnector: connectors.stopConnector,
  raiseAlert: connectors.raiseAlert,
  resolveWindowAlert: connectors.resolveWindowAlert,
  importRequest: connectors.importRequest,
  importPlanned: connectors.importPlanned,
  plannedThrough: connectors.plannedThrough,
  openWindows: imports.openWindows,
  reopenWindow: imports.reopenWindow,
  loseUnretained: unretained.loseUnretained,
  claimCollect: imports.claimCollect,
  renewCollect: imports.renewCollect,
  postponeCollect: imports.postponeCollect,
  nextPageNumber: imports.nextPageNumber,
  knownItems: collect.knownItems,
  reserveIds: collect.reserveIds,
  commitPage: collect.commitPage,
  unreadableItems: mendedItems.unreadableItems,
  reservePage: mendedItems.reservePage,
  commitMended: mendedItems.commitMended,
  lostItems: lostContent.lostItems,
  commitSealedAgain: lostContent.commitSealedAgain,
  owedContext: context.owedContext,
  recallAddresses: directory.recallAddresses,
  rememberAddresses: directory.rememberAddresses,
  acquireShard: leases.acquireShard,
  renewShard: leases.renewShard,
  releaseShard: leases.releaseShard,
  monthsToDo: leases.monthsToDo,
  claimToSend: claims.claimToSend,
  claimToLookUp: claims.claimToLookUp,
  extendDeadline: claims.extendDeadline,
  settle,
  // No world of the simulation was restored from a backup, so no mailbox is listed.
  listedElsewhere: () => null,
  takeOverListed: () => 'changed',
  currentPauses: pauses.currentPauses,
  notePauses: pauses.notePauses,
  attachmentsOfItems: attachments.attachmentsOfItems,
  recordAttempt: attachments.recordAttempt,
  dueAttachments: attachments.dueAttachments,
  claimMissing: attachments.claimMissing,
  renewMissing: attachments.renewMissing,
  postponeMissing: attachments.postponeMissing,
  rememberedFolders: directory.rememberedFolders,
  rememberFolder: directory.rememberFolder,
  forgetFolder: directory.forgetFolder,
  recallUploadSession: uploadSessions.recallUploadSession,
  rememberUploadSession: uploadSessions.rememberUploadSession,
  noteUploaded: uploadSessions.noteUploaded,
  forgetUploadSession: uploadSessions.forgetUploadSession,
  stillOnPage: clearing.stillOnPage,
  undecidedConnectors: decide.undecidedConnectors,
  undecidedVersion: decide.undecidedVersion,
  undecidedImports: decide.undecidedImports,
  undecidedCopies: decide.undecidedCopies,
  isOnItsWay: decide.isOnItsWay,
  moveCopies: decide.moveCopies,
  noteChoices: decide.noteChoices,
  noteReadings: decide.noteReadings,
  noteDecided: decide.noteDecided,
  addFallbackCopies: decide.addFallbackCopies,
  waitingCopies: waiting.waitingCopies,
  updateReasons: waiting.updateReasons,
  giveMailboxes: waiting.giveMailboxes,
  findImport: imports.findImport,
  heldItems: reconcile.heldItems,
  completeImport: reconcile.completeImport,
  postponeReconcile: imports.postponeReconcile,
  claimRecheck: reconcile.claimRecheck,
  writeReading: reconcile.writeReading,
  keptOfPages: clearing.keptOfPages,
  reserveKeptPages: clearing.reserveKeptPages,
  framesToKeep: clearing.framesToKeep,
  moveFrames: clearing.moveFrames,
  markUnneededAttachments: clearing.markUnneededAttachments,
  finishClearing: clearing.finishClearing,
  doubtedDeliveries: doubt.doubtedDeliveries,
  copyFor: doubt.copyFor,
  adoptMessage: doubt.adoptMessage,
  endDoubt: doubt.endDoubt,
  noteSurplusRemoval: doubt.noteSurplusRemoval,
  namedContent: clearing.namedContent,
  judgeDays: judged.judgeDays,
  judgeLater: judged.judgeLater,
  keepCancelledNumbers: judged.keepCancelledNumbers,
};

/** What the portal does beside the engine. */
const COMMANDS = {
  addOrganization: setUp.addOrganization,
  addSource: setUp.addSource,
  addConnector: setUp.addConnector,
  applyMapping: setUp.applyMapping,
  pauseConnector: setUp.pauseConnector,
  resumeConnector: setUp.resumeConnector,
  restartConnector: setUp.restartConnector,
  deleteConnector: setUp.deleteConnector,
  setFallback: setUp.setFallback,
  importFirst: setUp.importFirst,
  requestImport: setUp.requestImport,
  cancelImport: reopen.cancelImport,
  repeatRange: reopen.repeatRange,
  undoneKeys: undone.undoneKeys,
  retryFailed: undone.retryFailed,
  retryAttachments: undone.retryAttachments,
  signOff: undone.signOff,
} as const;

type Bound<F> = F extends (tables: Tables, ...rest: infer A) => infer R ? (...rest: A) => R : never;

export type ModelLedger = Ledger & { readonly [N in keyof typeof COMMANDS]: Bound<(typeof COMMANDS)[N]> } & {
  /** to be read; whoever writes uses the questions and commands */
  readonly tables: Tables;
};

/** @param options.now the simulated time of day */
export function createModelLedger(options: { readonly now: () => Date }): ModelLedger {
  const tables = new Tables(options.now);
  type Question = (tables: Tables, ...rest: never[]) => unknown;
  const command =
    (question: Question) =>
    (...rest: never[]): unknown =>
      tables.atomically(() => question(tables, ...rest));
  const ask =
    (question: Question) =>
    async (...rest: never[]): Promise<unknown> =>
      tables.atomically(() => question(tables, ...rest));
  const bound = (questions: Readonly<Record<string, Question>>, bind: (question: Question) => unknown) =>
    Object.fromEntries(Object.entries(questions).map(([name, question]) => [name, bind(question)]));
  const syncSourceUsers: Ledger['syncSourceUsers'] = (owner, users) => context.syncSourceUsers(tables, owner, users);
  return { ...bound(QUESTIONS, ask), ...bound(COMMANDS, command), syncSourceUsers, tables } as ModelLedger;
}
