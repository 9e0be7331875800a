import { HashMap, Option } from "effect"
import type { IndexedDoor } from "../correlation/campus-index.ts"
import { innerOf } from "../correlation/draft.ts"
import type { PointState, Situation } from "../correlation/situation.ts"
import type { Reason } from "../domain/alert.ts"
import { DeviceId, PointRef } from "../domain/ids.ts"
import { noContact } from "./bypassed-contact.ts"
import type { PointExplained } from "./explanation.ts"
import { spanOf } from "./span-words.ts"

const deviceOf = (ref: string): string => ref.slice(0, ref.indexOf("/"))

const toldNothing = ({ points }: Situation, ref: string): string =>
  points.has(ref) ? "it has not been told again since" : "it has told no value yet"

/** Why what a device says is not known, seen from the device outwards to its link. */
const whyUnheard = (situation: Situation, ref: string): string => {
  const id = deviceOf(ref)
  const device = innerOf(situation).index.devices.get(id)
  if (device === undefined) return `device ${id} is not configured`
  if (device.disabled === true) return `device ${id} is disabled in the configuration`
  const link = Option.getOrUndefined(HashMap.get(situation.links, device.link))
  if (link !== undefined && link._tag !== "Online") {
    return `link ${device.link} is ${link._tag}${"reason" in link ? `: ${link.reason}` : ""}`
  }
  const state = situation.devices.get(id)
  if (state === undefined) return `device ${id} has not been heard since the log began`
  return state.availability === "online"
    ? toldNothing(situation, ref)
    : `device ${id} is ${state.availability}: ${state.reason}`
}

const isKnown = (state: PointState | undefined): state is PointState =>
  state !== undefined && state.reading.value !== "unknown" && state.reading.value !== "Unknown"

/** The points of a door as they were known, and why one was not. */
export const pointsExplained = (situation: Situation, { points }: IndexedDoor): ReadonlyArray<PointExplained> =>
  points
    // A reader has no value: what happens there is momentary.
    .filter(([, role]) => role !== "reader")
    .map(([ref, role]) => {
      const state = situation.points.get(ref)
      const device = situation.devices.get(deviceOf(ref))
      return {
        point: PointRef.make(ref),
        role,
        value: state?.reading.value ?? "unknown",
        ...(state === undefined ? {} : { since: state.since, seq: state.seq }),
        ...(isKnown(state) ? {} : { unknownBecause: whyUnheard(situation, ref) }),
        device: DeviceId.make(deviceOf(ref)),
        availability: device?.availability ?? "unknown"
      }
    })

/** What kept the gateway from seeing the door whole: its contact, its devices and links, and its own blindness. */
export const blindnessOf = (
  situation: Situation,
  door: IndexedDoor,
  points: ReadonlyArray<PointExplained>
): ReadonlyArray<Reason> => {
  const { blind, notBefore } = innerOf(situation)
  const reasons: Array<Reason> = []
  if (door.door.position === undefined) {
    reasons.push({ at: situation.at, text: noContact(situation, door) })
  }
  for (const { point, role, since, seq, unknownBecause, availability } of points) {
    // A button has no value: what happens there is momentary, and nothing is missed while its device is there.
    const isMomentary = role !== "position" && since === undefined && availability === "online"
    if (unknownBecause === undefined || isMomentary) continue
    const text = `Its ${role} (${point}) is not known: ${unknownBecause}`
    reasons.push({ at: since ?? situation.at, ...(seq === undefined ? {} : { seq }), text })
  }
  if (blind !== undefined && situation.at - blind.to < recentMs) {
    reasons.push({
      at: blind.from,
      text: `The gateway itself did not run for ${spanOf(blind.to - blind.from)} from here`
    })
  }
  if (notBefore > situation.at) {
    reasons.push({
      at: situation.at,
      text: `It had just begun again: what is due waits ${spanOf(notBefore - situation.at)} more for the links`
    })
  }
  return reasons
}

/** Blindness of the gateway that lies farther back than an officer asks about. */
const recentMs = 10 * 60_000
