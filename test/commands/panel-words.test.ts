import { describe, expect, it } from "vitest"
import { mayAcknowledgeAgain, panelAnswer, panelAnswers } from "../../gateway/console/src/panel-words.ts"
import type { Alert, PanelCondition } from "../../gateway/console/src/wire.ts"
import { WriteBackKind, WriteBackState } from "../../gateway/domain/panel-condition.ts"

const condition = (more: Partial<PanelCondition> = {}): PanelCondition => ({
  device: "north-panel",
  id: "case",
  acked: false,
  ...more
})
const at = (state: WriteBackState, detail?: string): PanelCondition =>
  condition({ writeBack: { state, by: "Ada", ...(detail === undefined ? {} : { detail }) } })

describe("what an officer reads of a panel's condition", () => {
  it("is a sign and a sentence of its own for each state, so that colour is never the only sign", () => {
    const told = WriteBackState.literals.map((state) => panelAnswer(at(state)))
    expect(new Set(told.map(({ text }) => text)).size).toBe(WriteBackState.literals.length)
    for (const { sign, text } of told) {
      expect(sign).not.toBe("")
      expect(text).toContain("north-panel")
    }
  })

  it("says why it did not come to the panel", () => {
    expect(panelAnswer(at("not-written-back", "the panel was away for 60 s; acknowledge again to send it"))).toEqual({
      sign: "✕",
      weight: "bad",
      text: "Not acknowledged at north-panel: the panel was away for 60 s; acknowledge again to send it"
    })
  })

  it("names who acknowledged it at the panel", () => {
    const answered = condition({ acked: true, ackedBy: "K. Lind", comment: "seen it" })
    expect(panelAnswer(answered)).toMatchObject({
      sign: "✓",
      text: "Acknowledged at north-panel by K. Lind: seen it"
    })
    expect(panelAnswer(condition({ branch: "b1" }))).toMatchObject({
      sign: "○",
      text: "Unacknowledged at north-panel (an earlier state)"
    })
  })

  it("has words of its own for what goes there beside an acknowledgement", () => {
    const besides = WriteBackKind.literals.flatMap((kind) =>
      WriteBackState.literals.map((state) => ({ kind, state, by: "Ada" }) as const)
    )
    const told = panelAnswers(condition({ besides })).map(({ text }) => text)
    expect(new Set(told).size).toBe(told.length)
    expect(told).toContain("Note waits for north-panel")
    expect(told).toContain("Not shelved: north-panel refuses it")
    expect(told).toContain("Nobody knows yet whether north-panel has the end of the shelving")
  })

  it("says of notes and shelving that are there only the newest", () => {
    const note = { kind: "comment", state: "proved", by: "Ada" } as const
    const shelving = { kind: "shelve", state: "refused", by: "Ada", detail: "it is shelved already" } as const
    expect(panelAnswers(condition({ besides: [note, shelving, note] })).map(({ text }) => text)).toEqual([
      "Unacknowledged at north-panel",
      "Not shelved: north-panel refuses it: it is shelved already",
      "Noted at north-panel"
    ])
  })

  it("offers to acknowledge again what did not come to the panel, and nothing else", () => {
    const offers = (one: PanelCondition) => mayAcknowledgeAgain({ panelConditions: [one] } as unknown as Alert)
    const states = WriteBackState.literals.filter((state) => offers(at(state)))
    expect(states).toEqual(["refused", "stale", "not-proved", "not-written-back"])
    expect(offers({ ...at("stale"), acked: true })).toBe(false)
    expect(mayAcknowledgeAgain({} as Alert)).toBe(false)
  })
})
