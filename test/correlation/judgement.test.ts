import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { foldJudging } from "../../gateway/correlation/fold.ts"
import { course } from "./course.ts"
import { Stage } from "./door-stage.ts"
import { play } from "./play-course.ts"

const always = { seed: 20_260_302, numRuns: 150 } as const

/** How the openings of a course at the east door were judged, read off by folding its facts once more. */
const judged = (stage: Stage): ReadonlyArray<string> => {
  let situation = new Stage().situation
  let seq = situation.seq + 1
  return stage.facts.slice(2).flatMap((fact) => {
    const folded = foldJudging(situation, seq, fact)
    situation = folded.situation
    seq += 1 + folded.decisions.length
    return folded.judgements.map(({ judgement: { verdict, grounds } }) =>
      [verdict._tag, ...grounds.map((ground) => `${ground.by} ${ground.verdict} ${ground.missedByMs ?? "-"}`)].join(
        ", "
      )
    )
  })
}

describe("how an opening was judged", () => {
  it("is covered just when one of the things weighed covers, and forced just when the rule says so", () => {
    fc.assert(
      fc.property(course, (steps) => {
        for (const { judgements, decisions } of play(steps, "prompt")) {
          for (const { judgement } of judgements) {
            const covered = judgement.grounds.some(({ verdict }) => verdict === "covers")
            expect(covered).toBe(false)
            expect(judgement.grounds.filter(({ missedByMs = 0 }) => missedByMs < 0)).toEqual([])
          }
          const forced = judgements.filter(({ judgement }) => judgement.verdict._tag === "Forced").length
          const told = decisions.filter(
            (one) =>
              one._tag === "Alert" && one.change.by === "door.forced" && one.change.why[0]?.text === "The door opened"
          )
          expect(told.length).toBe(forced)
        }
      }),
      always
    )
  })

  it("tells of a grant by how much it was too old", () => {
    const stage = Stage.closedDoor().grants("A1").at(9.4).opens().at(20)
    expect(judged(stage)).toEqual(["Waits, mode locks -, grant over 1400", "Forced, mode locks -, grant over 1400"])
  })

  it("tells what made it rightful, and how long it lasted", () => {
    const stage = Stage.closedDoor().grants("A1").at(3).opens().at(7).closes().at(20)
    expect(judged(stage)).toEqual(["Covered", "Closed"])
  })

  it("tells of a request to exit that came too early, and of one that came too late", () => {
    const stage = Stage.closedDoor().presses().at(5.2).opens().at(6.3).presses().at(20)
    expect(judged(stage).at(-1)).toBe("Forced, mode locks -, rex over 200, rex after 100")
  })

  it("tells of bounce, of a door that has not latched, and of one found open", () => {
    const bounce = Stage.closedDoor().at(1).opens().at(1.09).closes().at(9)
    expect(judged(bounce).at(-1)).toBe("TooShort")
    const relatch = Stage.closedDoor().grants().at(2).opens().at(5).closes().at(6).opens().at(8).closes().at(9)
    expect(judged(relatch)).toContain("Relatched, mode locks -, grant used 1000")
    const found = Stage.closedDoor().available("contact", "offline").at(4).opens({ origin: "recovery" })
    expect(judged(found)).toEqual(["FoundOpen"])
  })

  it("tells of a grant that came late, before the judgement and after it", () => {
    const before = Stage.closedDoor().opens().at(1).grants("A1").at(5)
    expect(judged(before).at(-1)).toBe("CoveredLate")
    const after = Stage.closedDoor().at(1).opens().at(4).grants("A1", { occurred: 0.5 }).at(5)
    expect(judged(after).slice(-2)[0]).toMatch(/^Forced/)
    expect(judged(after).at(-1)).toBe("CoveredLate")
  })
})
