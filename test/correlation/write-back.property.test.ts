import fc from "fast-check"
import { HashMap } from "effect"
import { expect, describe, it } from "vitest"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { isPending } from "../../gateway/correlation/write-back.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import { type Folding, panelCourse, play } from "./course.ts"

/** The same courses in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_261_126, numRuns: 300 } as const

const changesOf = ({ decisions }: Folding) =>
  decisions.flatMap((decision) => (decision._tag === "Alert" ? [decision.change] : []))

const text = (situation: Situation): string => JSON.stringify(freeze(situation))

const lastOf = (foldings: ReadonlyArray<Folding>): Situation => foldings.at(-1)?.after ?? initial

/** The acknowledgements on their way, of alerts that are open or closed. */
const pendingIn = (situation: Situation): ReadonlyArray<string> =>
  [...HashMap.values(situation.alerts), ...HashMap.values(innerOf(situation).owing)].flatMap(
    ({ id, panelConditions = [] }: Alert) =>
      panelConditions.flatMap(({ writeBack }) => (isPending(writeBack) ? [id] : []))
  )

describe("acknowledgements that go back to a panel, over any course of events", () => {
  it("come to every end that they can have", () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(panelCourse, (steps) => {
        for (const { alert } of play(steps, "prompt").flatMap(changesOf))
          for (const { writeBack } of alert.panelConditions ?? [])
            if (writeBack !== undefined) seen.add(writeBack.state)
      }),
      always
    )
    expect([...seen].sort()).toEqual([
      "not-proved",
      "not-written-back",
      "owed",
      "proved",
      "refused",
      "sent",
      "stale",
      "unknown"
    ])
  })

  it("never wait for ever, and leave nothing behind", () => {
    fc.assert(
      fc.property(panelCourse, (steps) => {
        const foldings = play(steps, "prompt")
        const end = lastOf(foldings)
        expect(pendingIn(end)).toEqual([])
        expect(HashMap.size(innerOf(end).owing)).toBe(0)
        expect([...HashMap.keys(innerOf(end).agenda.wanted)].filter((key) => key.startsWith("answer:"))).toEqual([])
        for (const { after } of foldings) {
          const due = new Set(HashMap.keys(innerOf(after).agenda.wanted))
          for (const id of pendingIn(after)) expect(due.has(`answer:${id}`)).toBe(true)
        }
      }),
      always
    )
  })

  it("are sent again only when the panel has told anew, as it is, the very state that was sent", () => {
    fc.assert(
      fc.property(panelCourse, (steps) => {
        const sent = new Set<string>()
        const again: Array<string> = []
        for (const { fact, decisions } of play(steps, "prompt")) {
          if (fact._tag === "Observed" && fact.observation._tag === "PanelCondition") {
            const { condition, event, origin, acked } = fact.observation
            if (origin === "recovery" && !acked) {
              for (const one of sent) if (one.endsWith(JSON.stringify([condition, event]))) sent.delete(one)
            }
          } else if (
            fact._tag === "AcknowledgementAnswered" &&
            fact.outcome !== "unknown" &&
            fact.outcome !== "proved"
          ) {
            // An officer may ask again for what was not done.
            sent.delete(`${fact.alert} ${JSON.stringify([fact.condition, fact.event])}`)
          } else if (fact._tag === "AlertAcknowledged" || fact._tag === "AlertClosed") {
            for (const one of sent) if (one.startsWith(`${fact.alert} `)) sent.delete(one)
          } else if (fact._tag === "AcknowledgementSent" && decisions.length > 0) {
            const name = `${fact.alert} ${JSON.stringify([fact.condition, fact.event])}`
            if (sent.has(name)) again.push(name)
            sent.add(name)
          }
        }
        expect(again).toEqual([])
      }),
      always
    )
  })

  it("are the same after a snapshot, and whether deadlines fire at their instant or with the next fact", () => {
    fc.assert(
      fc.property(panelCourse, fc.nat(), (steps, cut) => {
        const foldings = play(steps, "prompt")
        let situation = thaw(JSON.parse(text(foldings[cut % foldings.length]?.before ?? initial)) as Frozen)
        for (const { seq, fact, decisions } of foldings.slice(cut % foldings.length)) {
          const again = fold(situation, seq, fact)
          situation = again.situation
          expect(JSON.stringify(again.decisions)).toBe(JSON.stringify(decisions))
        }
        expect(text(situation)).toBe(text(lastOf(foldings)))
        const told = (all: ReadonlyArray<Folding>) =>
          all.flatMap(changesOf).map(({ transition, alert: { key, panelConditions = [] } }) => ({
            transition,
            key,
            conditions: panelConditions.map(({ id, branch, acked, writeBack }) => [id, branch, acked, writeBack?.state])
          }))
        expect(told(play(steps, "lazy"))).toEqual(told(foldings))
      }),
      always
    )
  })
})
