import fc from "fast-check"
import { HashMap } from "effect"
import { expect, describe, it } from "vitest"
import { innerOf } from "../../gateway/correlation/draft.ts"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { isOwing, kindOf, writeBacksOf } from "../../gateway/correlation/write-back.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import { WriteBackKind } from "../../gateway/domain/panel-condition.ts"
import { panelCourse } from "./course.ts"
import { type Folding, play } from "./play-course.ts"

/** The same courses in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_261_126, numRuns: 300 } as const

const changesOf = ({ decisions }: Folding) =>
  decisions.flatMap((decision) => (decision._tag === "Alert" ? [decision.change] : []))

const text = (situation: Situation): string => JSON.stringify(freeze(situation))

const lastOf = (foldings: ReadonlyArray<Folding>): Situation => foldings.at(-1)?.after ?? initial

/** The alerts, open or closed, of which something is on its way. */
const pendingIn = (situation: Situation): ReadonlyArray<string> =>
  [...HashMap.values(situation.alerts), ...HashMap.values(innerOf(situation).owing)].flatMap(
    ({ id, panelConditions = [] }: Alert) => panelConditions.flatMap((entry) => (isOwing(entry) ? [id] : []))
  )

describe("acknowledgements, notes and shelving that go back to a panel, over any course of events", () => {
  it("come to every end that they can have", () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(panelCourse, (steps) => {
        for (const { alert } of play(steps, "prompt").flatMap(changesOf))
          for (const one of (alert.panelConditions ?? []).flatMap(writeBacksOf)) seen.add(`${kindOf(one)} ${one.state}`)
      }),
      { ...always, numRuns: 1000 }
    )
    const ends = ["not-proved", "not-written-back", "owed", "proved", "refused", "sent", "stale", "unknown"]
    const all = WriteBackKind.literals.flatMap((kind) => ends.map((end) => `${kind} ${end}`))
    expect(all.filter((one) => !seen.has(one))).toEqual([])
  })

  it("never wait for ever, and leave nothing behind", () => {
    fc.assert(
      fc.property(panelCourse, (steps) => {
        const foldings = play(steps, "prompt")
        const end = lastOf(foldings)
        expect(pendingIn(end)).toEqual([])
        expect(HashMap.size(innerOf(end).owing)).toBe(0)
        expect(
          innerOf(end)
            .agenda.wanted.keys()
            .filter((key) => key.startsWith("answer:"))
        ).toEqual([])
        for (const { after } of foldings) {
          const due = new Set(innerOf(after).agenda.wanted.keys())
          for (const id of pendingIn(after)) expect(due.has(`answer:${id}`)).toBe(true)
        }
      }),
      always
    )
  })

  it("are sent again only when nobody was there, or when the panel has told anew, as it is, what was sent to it", () => {
    fc.assert(
      fc.property(panelCourse, (steps) => {
        /** What went out and may have been done: of which officer's fact, to which condition. */
        const sent = new Map<string, string>()
        const again: Array<string> = []
        for (const { fact, decisions } of play(steps, "prompt")) {
          if (fact._tag === "Observed" && fact.observation._tag === "PanelCondition") {
            const { condition, origin } = fact.observation
            if (origin !== "recovery") continue
            for (const [one, to] of sent) if (to === JSON.stringify(condition)) sent.delete(one)
          } else if (fact._tag === "WriteBackSent" && decisions.some(({ _tag }) => _tag === "Alert")) {
            const name = `${fact.alert} ${fact.kind} ${fact.asked} ${JSON.stringify(fact.condition)}`
            if (sent.has(name)) again.push(name)
            sent.set(name, JSON.stringify(fact.condition))
          } else if (fact._tag === "WriteBackAnswered" && (fact.outcome === "away" || fact.outcome === "stale")) {
            // Nothing was done: it was not sent, or refused for a state that was told meanwhile.
            sent.delete(`${fact.alert} ${fact.kind} ${fact.asked} ${JSON.stringify(fact.condition)}`)
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
            conditions: panelConditions.map((entry) => [
              entry.id,
              entry.branch,
              entry.acked,
              writeBacksOf(entry).map((one) => `${kindOf(one)} ${one.state}`)
            ])
          }))
        expect(told(play(steps, "lazy"))).toEqual(told(foldings))
      }),
      always
    )
  })
})
