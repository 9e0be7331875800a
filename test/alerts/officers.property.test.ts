import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Stage } from "../correlation/door-stage.ts"

const officers = ["ada", "ben", "cy"] as const
const who = fc.constantFrom(...officers)

type Act =
  | { readonly act: "acknowledges" | "forces" | "undoes" | "claims" | "releases" | "notes"; readonly by: string }
  | { readonly act: "takes over"; readonly by: string; readonly from: string }
  | { readonly act: "tampers" | "mends" | "restarts" }

/** What happens, and how many seconds after the one before. */
type Step = Act & { readonly wait: number }

const wait = fc.constantFrom(0, 0, 1, 4, 9.9, 10, 10.1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constantFrom("acknowledges", "undoes", "claims"), by: who, wait }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("forces", "releases", "notes"), by: who, wait }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("takes over"), by: who, from: who, wait }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("tampers", "mends", "restarts"), wait }) }
) as fc.Arbitrary<Step>

/** What officers would say of the alert, told here without the table. */
class Opinion {
  isActive = true
  acknowledged: { readonly by: string; readonly at: number } | undefined
  holder: string | undefined

  hear(one: Act, at: number): void {
    if (one.act === "tampers" && !this.isActive) this.acknowledged = undefined
    if (one.act === "tampers") this.isActive = true
    if (one.act === "mends") this.isActive = false
    if (!("by" in one)) return
    const { by } = one
    const isOthers = this.holder !== undefined && this.holder !== by
    if (one.act === "acknowledges" && !isOthers) this.acknowledged ??= { by, at }
    if (one.act === "forces") this.acknowledged ??= { by, at }
    if (one.act === "undoes" && this.acknowledged?.by === by && at - this.acknowledged.at <= 10_000) {
      this.acknowledged = undefined
    }
    if (one.act === "claims") this.holder ??= by
    if (one.act === "takes over" && (this.holder === undefined || this.holder === one.from)) this.holder = by
    if (one.act === "releases") this.holder = undefined
  }
}

const factOf = (stage: Stage, one: Extract<Act, { by: string }>): Parameters<Stage["enter"]>[0] => {
  const about = { alert: stage.idOf("DoorTampered"), by: one.by }
  switch (one.act) {
    case "acknowledges":
      return { _tag: "AlertAcknowledged", ...about }
    case "forces":
      return { _tag: "AlertAcknowledged", ...about, forced: true }
    case "undoes":
      return { _tag: "AcknowledgementUndone", ...about }
    case "claims":
      return { _tag: "AlertClaimed", ...about }
    case "takes over":
      return { _tag: "AlertClaimed", ...about, from: one.from }
    case "releases":
      return { _tag: "AlertReleased", ...about }
    case "notes":
      return { _tag: "AlertNoted", ...about, note: "seen" }
  }
}

const tamper = (stage: Stage, value: "on" | "off") => stage.reads("contact/tamper", { kind: "tamper", value })

const does = (stage: Stage, one: Act, second: number): void => {
  if ("by" in one) stage.enter(factOf(stage, one))
  else if (one.act === "restarts") stage.killedUntil(second)
  else tamper(stage, one.act === "tampers" ? "on" : "off")
}

describe("several officers at one alert, in any order, over restarts", () => {
  it("leave every act in its course, and the first that counts stands", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const stage = new Stage()
        tamper(stage.at(0), "off")
        tamper(stage.at(1), "on")
        const opinion = new Opinion()
        let second = 2
        for (const one of steps) {
          second += one.wait
          stage.at(second)
          const told = stage.changes.length
          does(stage, one, second)
          opinion.hear(one, stage.now)
          const alert = stage.alert("DoorTampered")
          expect(alert?.acknowledged).toBe(opinion.acknowledged !== undefined)
          expect(alert?.acknowledgedBy).toBe(opinion.acknowledged?.by)
          expect(alert?.acknowledgedAt).toBe(opinion.acknowledged?.at)
          expect(alert?.claimed?.by).toBe(opinion.holder)
          const acts = stage.changes.slice(told).filter(({ by }) => officers.some((name) => name === by))
          expect(acts.map(({ by }) => by)).toEqual("by" in one ? [one.by] : [])
        }
      }),
      { numRuns: 400 }
    )
  })

  it("close it once: a second closing is in the log, and changes nothing", () => {
    const stage = new Stage()
    tamper(stage.at(0), "off")
    tamper(stage.at(1), "on")
    const alert = stage.idOf("DoorTampered")
    const closes = (by: string): void =>
      stage.enter({ _tag: "AlertClosed", alert, by, outcome: "real", reason: "seen to" })
    closes("ada")
    closes("ben")
    expect(stage.changes.at(-1)).toMatchObject({ transition: "closed", by: "ada", alert: { closedBy: "ada" } })
    expect(stage.facts.filter(({ _tag }) => _tag === "AlertClosed")).toHaveLength(2)
  })
})
