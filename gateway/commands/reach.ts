import type { Effect } from "effect"
import type { AnswerLost, Unable } from "../../adapters/adapter.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Door } from "../domain/campus.ts"
import type { DoorCommand } from "../domain/command.ts"
import type { Links } from "../links/links.ts"
import { targetOf } from "./choices.ts"

/** Whether a door's device can be told something now. */
export type Reach =
  | {
      readonly _tag: "Ready"
      readonly send: (command: DoorCommand) => Effect.Effect<void, Unable | AnswerLost>
      /** Whether the device says that it can. */
      readonly takes: (command: DoorCommand) => boolean
    }
  /** It never takes commands, as it is configured and built. */
  | { readonly _tag: "Never"; readonly reason: string }
  | { readonly _tag: "Away"; readonly reason: string }

const never = (reason: string): Reach => ({ _tag: "Never", reason })
const away = (reason: string): Reach => ({ _tag: "Away", reason })

/**
 * Looks for who takes a door's commands. Of a device that says nothing of its abilities, its link and its own presence
 * tell whether it is away, or takes none.
 */
export const reachOf = (door: Door, situation: Situation, links: Links["Service"]): Reach => {
  const target = targetOf(door)
  if (target === undefined) return never("it has no mode point and no lock point")
  const device = situation.campus?.devices.find(({ id }) => id === target.device)
  if (device === undefined) return never(`its device ${target.device} is not configured`)
  if (device.disabled === true) return never(`its device ${target.device} is disabled`)
  const abilities = links.abilities(target.device)
  const command = abilities?.command
  if (command !== undefined) {
    const taken = abilities?.takes?.(target.point)
    return {
      _tag: "Ready",
      send: (word) => command(target.point, word),
      takes: (word) => taken?.includes(word) ?? true
    }
  }
  const unable = never(`its device ${target.device} takes no commands by way of the gateway`)
  if (abilities !== undefined) return unable
  const link = links.states().get(device.link)
  if (link === undefined) return away(`its link ${device.link} does not run`)
  if (link._tag !== "Online") {
    return away(`its link ${device.link} is ${link._tag}${"reason" in link ? `: ${link.reason}` : ""}`)
  }
  const state = situation.devices.get(target.device)
  if (state === undefined) return away(`its device ${target.device} has not been heard yet`)
  return state.availability === "online"
    ? unable
    : away(`its device ${target.device} is ${state.availability}: ${state.reason}`)
}
