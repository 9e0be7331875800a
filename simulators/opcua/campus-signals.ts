import type { Campus } from "../../gateway/domain/campus.ts"
import type { DenyReason } from "../../gateway/domain/observation.ts"
import { doorInputOf, doorsAt, doorTokenOf, readerTokenOf } from "../campus/controllers.ts"
import type { Signal } from "../campus/signal.ts"
import type { OpcuaPanel } from "./panel.ts"
import type { Denial } from "./panel-event.ts"

/** A panel's words for the world's reasons. */
const denials: { readonly [Reason in DenyReason]: Denial } = {
  CredentialNotFound: "unknown card",
  CredentialNotEnabled: "card disabled",
  CredentialNotActive: "card not yet valid",
  CredentialExpired: "card expired",
  InvalidPIN: "wrong PIN",
  NotPermittedAtThisTime: "outside schedule",
  Unauthorized: "no access here",
  AntiPassback: "passback",
  Other: "door blocked"
}

/** The door whose request to exit a point is: `door-<token>.rex`, or one that the campus names so. */
const exitOf = (campus: Campus, device: string, point: string): string | undefined => {
  const ref = `${device}/${point}`
  const laid = doorsAt(campus, device).find(({ door }) => door.rex?.some((rex) => rex === ref))
  return laid?.token ?? /^door-(.+)\.rex$/.exec(point)?.[1]
}

const read = (panel: OpcuaPanel, signal: Extract<Signal, { _tag: "Reading" }>): void => {
  const door = doorTokenOf(signal.point)
  const input = doorInputOf(signal)
  if (door !== undefined && input !== undefined) panel.door(door, input)
}

const occur = (panel: OpcuaPanel, campus: Campus, signal: Extract<Signal, { _tag: "Occurrence" }>): void => {
  const { device, point, occurrence } = signal
  if (occurrence._tag === "ExitRequested") {
    const door = exitOf(campus, device, point)
    if (door !== undefined) panel.requestExit(door)
    return
  }
  const reader = readerTokenOf(point)
  if (reader === undefined || !("credential" in occurrence)) return
  const card = { number: occurrence.credential ?? "" }
  switch (occurrence._tag) {
    case "AccessGranted":
      return panel.present(reader, card, { granted: true, extended: occurrence.extended === true })
    case "AccessDenied":
      return panel.present(reader, card, { granted: false, reason: denials[occurrence.reason] })
    case "AccessTaken":
    case "AccessNotTaken":
      return panel.tell({ _tag: occurrence._tag, reader, card })
    case "DuressSignalled":
      return panel.tell({ _tag: "Duress", reader, card })
    default:
      return
  }
}

/** A panel of the campus senses something: its doors move, and it tells what its protocol has words for. */
export const sense = (panel: OpcuaPanel, campus: Campus, signal: Exclude<Signal, { _tag: "Presence" }>): void =>
  signal._tag === "Reading" ? read(panel, signal) : occur(panel, campus, signal)
