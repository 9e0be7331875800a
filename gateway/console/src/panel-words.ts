import type { WriteBackKind, WriteBackState } from "../../domain/panel-condition.ts"
import type { Alert, PanelCondition, WriteBack } from "./wire.ts"

/** How an officer's act stands at a panel: in words, with a sign (never colour alone) and how it looks. */
export interface PanelAnswer {
  readonly sign: string
  readonly text: string
  readonly weight: "bad" | "odd" | "calm"
}

type Look = readonly [sign: string, weight: PanelAnswer["weight"], text: (panel: string) => string]

/** `it` is what goes there, `done` and `undone` how it stands once it is there, or is not. */
const looksOf = (it: string, done: string, undone: string): Record<WriteBackState, Look> => ({
  owed: ["…", "odd", (panel) => `${it} waits for ${panel}`],
  sent: ["→", "odd", (panel) => `${it} is on its way to ${panel}`],
  unknown: ["?", "odd", (panel) => `Nobody knows yet whether ${panel} has the ${it.toLowerCase()}`],
  proved: ["✓", "calm", (panel) => `${done} at ${panel}`],
  refused: ["✕", "bad", (panel) => `${undone}: ${panel} refuses it`],
  stale: ["!", "bad", (panel) => `${undone} at ${panel}: its state has changed`],
  "not-proved": ["✕", "bad", (panel) => `${panel} does not show it ${done.toLowerCase()}`],
  "not-written-back": ["✕", "bad", (panel) => `${undone} at ${panel}`]
})

/** Shelving is of no one state of the condition: only a later word can have taken its place. */
const overtaken = (undone: string): Pick<Record<WriteBackState, Look>, "stale"> => ({
  stale: ["–", "odd", (panel) => `${undone} at ${panel}: a later word took its place`]
})

const looks: Record<WriteBackKind, Record<WriteBackState, Look>> = {
  acknowledge: looksOf("Acknowledgement", "Acknowledged", "Not acknowledged"),
  comment: looksOf("Note", "Noted", "Not noted"),
  shelve: { ...looksOf("Shelving", "Shelved", "Not shelved"), ...overtaken("Not shelved") },
  unshelve: {
    ...looksOf("End of the shelving", "Shelved no longer", "Still shelved"),
    ...overtaken("Not taken down")
  }
}

const answerOf = ({ kind = "acknowledge", state, detail }: WriteBack, panel: string): PanelAnswer => {
  const [sign, weight, text] = looks[kind][state]
  // Why something is stale its words say already.
  const isTold = detail === undefined || state === "stale"
  return { sign, weight, text: `${text(panel)}${isTold ? "" : `: ${detail}`}` }
}

const panelOf = ({ device, branch }: PanelCondition): string =>
  branch === undefined ? device : `${device} (an earlier state)`

const whoWords = ({ ackedBy, comment }: PanelCondition): string =>
  `${ackedBy === undefined ? "" : ` by ${ackedBy}`}${comment === undefined ? "" : `: ${comment}`}`

/** What an officer reads of the acknowledgement of one condition of a panel. */
export const panelAnswer = (condition: PanelCondition): PanelAnswer => {
  const { acked, writeBack } = condition
  const panel = panelOf(condition)
  if (writeBack !== undefined) return answerOf(writeBack, panel)
  return acked
    ? { sign: "✓", weight: "calm", text: `Acknowledged at ${panel}${whoWords(condition)}` }
    : { sign: "○", weight: "odd", text: `Unacknowledged at ${panel}` }
}

/** All that an officer reads of it. Of notes and shelving that are there, the newest is enough. */
export const panelAnswers = (condition: PanelCondition): ReadonlyArray<PanelAnswer> => {
  const { besides = [] } = condition
  const told = besides.filter(({ state }, nth) => state !== "proved" || nth === besides.length - 1)
  return [panelAnswer(condition), ...told.map((one) => answerOf(one, panelOf(condition)))]
}

const failed: ReadonlySet<WriteBackState> = new Set(["refused", "stale", "not-proved", "not-written-back"])

/** An acknowledgement has not come to the panel: the officer may look, and acknowledge once more. */
export const mayAcknowledgeAgain = ({ panelConditions = [] }: Alert): boolean =>
  panelConditions.some(({ acked, writeBack }) => !acked && writeBack !== undefined && failed.has(writeBack.state))
