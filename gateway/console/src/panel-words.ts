import type { WriteBackState } from "../../domain/panel-condition.ts"
import type { Alert, PanelCondition } from "./wire.ts"

/** How an acknowledgement stands at a panel: in words, with a sign (never colour alone) and how it looks. */
export interface PanelAnswer {
  readonly sign: string
  readonly text: string
  readonly weight: "bad" | "odd" | "calm"
}

type Look = readonly [sign: string, weight: PanelAnswer["weight"], text: (panel: string) => string]

const looks: Record<WriteBackState, Look> = {
  owed: ["…", "odd", (panel) => `Acknowledgement waits for ${panel}`],
  sent: ["→", "odd", (panel) => `Acknowledgement is on its way to ${panel}`],
  unknown: ["?", "odd", (panel) => `Nobody knows yet whether ${panel} has the acknowledgement`],
  proved: ["✓", "calm", (panel) => `Acknowledged at ${panel}`],
  refused: ["✕", "bad", (panel) => `Not acknowledged: ${panel} refuses it`],
  stale: ["!", "bad", (panel) => `Not acknowledged at ${panel}: its state has changed`],
  "not-proved": ["✕", "bad", (panel) => `${panel} does not show it acknowledged`],
  "not-written-back": ["✕", "bad", (panel) => `Not acknowledged at ${panel}`]
}

const whoWords = ({ ackedBy, comment }: PanelCondition): string =>
  `${ackedBy === undefined ? "" : ` by ${ackedBy}`}${comment === undefined ? "" : `: ${comment}`}`

/** What an officer reads of one condition of a panel. */
export const panelAnswer = (condition: PanelCondition): PanelAnswer => {
  const { device, branch, acked, writeBack } = condition
  const panel = branch === undefined ? device : `${device} (an earlier state)`
  if (writeBack === undefined) {
    return acked
      ? { sign: "✓", weight: "calm", text: `Acknowledged at ${panel}${whoWords(condition)}` }
      : { sign: "○", weight: "odd", text: `Unacknowledged at ${panel}` }
  }
  const [sign, weight, text] = looks[writeBack.state]
  const detail = writeBack.detail === undefined || writeBack.state === "stale" ? "" : `: ${writeBack.detail}`
  return { sign, weight, text: `${text(panel)}${detail}` }
}

const failed: ReadonlySet<WriteBackState> = new Set(["refused", "stale", "not-proved", "not-written-back"])

/** An acknowledgement has not come to the panel: the officer may look, and acknowledge once more. */
export const mayAcknowledgeAgain = ({ panelConditions = [] }: Alert): boolean =>
  panelConditions.some(({ acked, writeBack }) => !acked && writeBack !== undefined && failed.has(writeBack.state))
