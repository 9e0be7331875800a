import type { Fact } from "../../../gateway/domain/fact.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import { chance } from "../../../simulators/campus/people.ts"
import type { Sight } from "./plain-doors.ts"

const link = LinkId.make("mqtt")

/** When the day begins. */
export const dayBegins = Date.parse("2026-03-02T06:00:00Z")

/** A door is left alone between two passages, so that both machines must tell the same of each. */
const aloneMs = 40_000

/** Passages at doors, in the order of time: by badge or button, now and then forced, held, or granted and not taken. */
export const sightsOf = (doors: number, passages: number, lastsMs: number): ReadonlyArray<Sight> => {
  const dice = chance(42)
  const freeAt = new Map<number, number>()
  const begins = Array.from({ length: passages }, () => dayBegins + 60_000 + Math.floor(dice() * lastsMs))
  const sights = begins
    .sort((a, b) => a - b)
    .map((at): ReadonlyArray<Sight> => {
      const door = Math.floor(dice() * doors)
      if (at < (freeAt.get(door) ?? 0)) return []
      const [how, long] = [dice(), dice()]
      const right: ReadonlyArray<Sight> =
        how < 0.7 ? [{ at, door, what: "granted" }] : how < 0.98 ? [{ at, door, what: "exit" }] : []
      freeAt.set(door, at + aloneMs)
      if (how < 0.02) return right
      const opened = at + 500 + Math.floor(dice() * 3000)
      const closed = opened + (long < 0.02 ? 25_000 + Math.floor(dice() * 40_000) : 2500 + Math.floor(dice() * 6000))
      freeAt.set(door, closed + aloneMs)
      return [...right, { at: opened, door, what: "opened" }, { at: closed, door, what: "closed" }]
    })
  return sights.flat().sort((a, b) => a.at - b.at)
}

const points = { opened: "position", closed: "position", granted: "reader", exit: "rex" } as const

const observationOf = ({ at, door, what }: Sight): Observation => {
  const told = {
    device: DeviceId.make(`panel-${Math.floor(door / 4)}`),
    point: `door-${door % 4}.${points[what]}`,
    origin: "change" as const,
    source: "bench"
  }
  switch (what) {
    case "opened":
      return { _tag: "Reading", ...told, reading: { kind: "position", value: "open" } }
    case "closed":
      return { _tag: "Reading", ...told, reading: { kind: "position", value: "closed" } }
    case "granted":
      return { _tag: "Occurrence", ...told, occurrence: { _tag: "AccessGranted", credential: `card-${at % 50_000}` } }
    case "exit":
      return { _tag: "Occurrence", ...told, occurrence: { _tag: "ExitRequested" } }
  }
}

/** What the gateway is told of it. */
export const factOf = (sight: Sight): Extract<Fact, { readonly _tag: "Observed" }> => ({
  _tag: "Observed",
  at: sight.at,
  link,
  observation: observationOf(sight),
  receivedAt: sight.at,
  occurredAt: sight.at
})
