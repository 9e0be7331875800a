import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { after, begins, happenings, lifeTable, type Standing, turnOf } from "../../gateway/alerts/life-table.ts"
import { standingOf, turned } from "../../gateway/alerts/turned.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import { AlertId } from "../../gateway/domain/ids.ts"
import { everyStanding, lifePage } from "./life-page.ts"

const holder = { free: undefined, own: "ada", "another's": "ben" } as const
const shelving = { by: "ada", at: 1, reason: "repair", until: 99, meanwhile: 0 }
const service = { key: "door:east", by: "ada", at: 1, reason: "repair", until: 99, meanwhile: 1 }

/** An open alert that stands so, for Ada. */
const alertOf = ({ condition, answer, hand, shelf, service: served, urgency }: Standing): Alert => ({
  id: AlertId.make("A-7"),
  condition: "DoorForcedOpen",
  key: "door:east",
  priority: urgency === "critical" ? 1 : 2,
  validationLevel: 1,
  title: "Door forced open: East door",
  active: condition === "active",
  acknowledged: answer === "acknowledged",
  ...(answer === "acknowledged" ? { acknowledgedBy: "ada", acknowledgedAt: 5 } : {}),
  ...(hand === "free" ? {} : { claimed: { by: holder[hand], at: 4 } }),
  ...(shelf === "off" ? {} : { shelved: shelf === "once" ? { ...shelving, oneShot: true } : shelving }),
  ...(served === "in" ? {} : { outOfService: served === "ended" ? { ...service, endedAt: 6 } : service }),
  closed: false,
  resolvedByLateEvidence: condition === "explained",
  count: 1,
  occurredAt: 1,
  raisedAt: 2,
  updatedAt: 3,
  raisedBy: 7,
  rule: "door.forced",
  configVersion: "v1",
  why: []
})

/** What each happening brings that the table puts on the alert. */
const actOf = (on: string) => ({
  at: 10,
  by: "ada",
  shelving: on === "shelve until normal" ? { ...shelving, oneShot: true as const } : shelving,
  service: on === "maintenance ends" ? { ...service, endedAt: 10 } : service
})

describe("the table of an alert's life", () => {
  it("has a row for every happening, however the alert stands, and no row that nothing takes", () => {
    const taken = new Set(everyStanding.flatMap((standing) => happenings.map((on) => turnOf(standing, on))))
    expect(lifeTable.filter((row) => !taken.has(row))).toEqual([])
    expect([...taken].filter((row) => !lifeTable.includes(row))).toEqual([])
  })

  it.each(happenings)("is what an alert becomes, however it stands: %s", (on) => {
    for (const standing of everyStanding) {
      const alert = alertOf(standing)
      expect(standingOf(alert, "ada")).toEqual(standing)
      const turn = turnOf(standing, on)
      const lived = turned(alert, on, actOf(on))
      expect(lived?.change.transition).toBe(turn.tells)
      const then = lived?.alert ?? alert
      expect(standingOf(then, "ada")).toEqual(after(standing, turn))
      expect(then.closed).toBe(on === "close")
      expect("acknowledgedBy" in then).toBe(then.acknowledged)
      expect(then.updatedAt).toBe(lived === undefined ? 3 : 10)
    }
  })

  /** The happenings that lead from one of these standings to one of those. */
  const leading = (isFrom: (standing: Standing) => boolean, isTo: (standing: Standing) => boolean) =>
    happenings.filter((on) =>
      everyStanding.some((standing) => isFrom(standing) && isTo(after(standing, turnOf(standing, on))))
    )

  it("puts nothing critical on the shelf", () => {
    const isOff = ({ urgency, shelf }: Standing) => urgency === "critical" && shelf === "off"
    expect(leading(isOff, ({ shelf }) => shelf !== "off")).toEqual([])
  })

  it("lets officers alone acknowledge, and take in hand", () => {
    expect(
      leading(
        ({ answer }) => answer === "new",
        ({ answer }) => answer === "acknowledged"
      )
    ).toEqual(["acknowledge", "acknowledge by force"])
    expect(
      leading(
        ({ hand }) => hand !== "own",
        ({ hand }) => hand === "own"
      )
    ).toEqual(["claim", "take over"])
    expect(
      leading(
        ({ hand }) => hand !== "free",
        ({ hand }) => hand === "free"
      )
    ).toEqual(["release"])
  })

  it("holds a consequence back for as long as its cause lasts, and not what has an alert", () => {
    expect(begins("none", "comes beside its cause")).toBe("held back")
    expect(begins("held back", "its cause ends")).toBe("open")
    expect(begins("held back", "returns to normal")).toBe("none")
    expect(begins("open", "comes beside its cause")).toBe("open")
  })

  it("is drawn on the page of the alerts as it stands (run with --update to draw it anew)", async () => {
    const page = join(import.meta.dirname, "../../gateway/alerts/README.md")
    const [from, to] = ["--update`. -->\n", "<!-- the end -->"]
    const text = readFileSync(page, "utf8")
    const [before, behind] = [text.slice(0, text.indexOf(from)), text.slice(text.indexOf(to))]
    await expect(`${before}${from}\n${lifePage()}\n${behind}`).toMatchFileSnapshot(page)
  })
})
