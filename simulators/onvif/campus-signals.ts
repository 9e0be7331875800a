import type { Campus } from "../../gateway/domain/campus.ts"
import { doorInputOf, doorsAt, doorTokenOf, readerTokenOf } from "../campus/controllers.ts"
import { refOf } from "../campus/point-ref.ts"
import type { Signal } from "../campus/signal.ts"
import { camerasAt, inputTokenOf } from "./campus-layout.ts"
import type { OnvifDevice } from "./device.ts"
import type { Bearer, DeniedReason } from "./happening.ts"

const bearerOf = (credential: string | undefined): Bearer =>
  credential === undefined ? { _tag: "Anonymous" } : { _tag: "Credential", token: credential }

/** ONVIF has no word of its own for a violated anti-passback, and tells an unknown card by another topic. */
const reasonOf = (reason: string): DeniedReason => (reason === "AntiPassback" ? "Other" : reason)

/** A card's number as the bytes that a reader saw. */
const hexOf = (credential: string): string => {
  const hex = /^\d+$/.test(credential) ? BigInt(credential).toString(16) : Buffer.from(credential).toString("hex")
  return hex.toUpperCase().padStart(Math.ceil(hex.length / 2) * 2, "0")
}

/** Somebody asks to leave: the controller lets the door be opened, and tells so where it has an access point there. */
const letOut = (device: OnvifDevice, campus: Campus, id: string, point: string): void => {
  const asked = `${id}/${point}`
  const laid = doorsAt(campus, id).find(({ door }) => door.rex?.some((rex) => rex === asked))
  const here = (laid?.door.accessPoints ?? []).filter(({ reader }) => refOf(reader).device === id)
  const own = here.find(({ direction }) => direction === "out") ?? here[0]
  const reader = readerTokenOf(point) ?? (own === undefined ? undefined : readerTokenOf(refOf(own.reader).point))
  if (reader !== undefined) device.present(reader, { _tag: "Anonymous" }, { granted: true })
  else if (laid !== undefined) device.door(laid.token, { _tag: "Access", extended: false })
}

const read = (device: OnvifDevice, campus: Campus, signal: Extract<Signal, { _tag: "Reading" }>): void => {
  const { point, reading, repeated } = signal
  const door = doorTokenOf(point)
  if (door !== undefined) {
    const told = doorInputOf(signal)
    if (told !== undefined) device.door(door, told)
    return
  }
  const on = reading.value === "on"
  const input = inputTokenOf(point)
  if (input !== undefined) {
    device.happen({ _tag: "Input", token: input, on })
    if (on && !repeated) letOut(device, campus, signal.device, point)
    return
  }
  const cameras = camerasAt(campus, signal.device)
  const source = (cameras.find(({ id }) => point === `motion-${id}`) ?? cameras[0])?.id
  if (reading.kind === "motion" && source !== undefined) device.happen({ _tag: "Motion", source, on })
}

const occur = (device: OnvifDevice, campus: Campus, signal: Extract<Signal, { _tag: "Occurrence" }>): void => {
  const { point, occurrence } = signal
  if (occurrence._tag === "ExitRequested") return letOut(device, campus, signal.device, point)
  const accessPoint = readerTokenOf(point)
  if (accessPoint === undefined || !("credential" in occurrence)) return
  const by = bearerOf(occurrence.credential)
  switch (occurrence._tag) {
    case "AccessGranted":
      return device.present(accessPoint, by, { granted: true, extended: occurrence.extended === true })
    case "AccessDenied": {
      const { credential, reason } = occurrence
      if (reason !== "CredentialNotFound" || credential === undefined)
        return device.present(accessPoint, by, { granted: false, reason: reasonOf(reason) })
      const card = { _tag: "Identifier", type: "pt:Card", format: "WIEGAND26", hex: hexOf(credential) } as const
      return device.happen({ _tag: "CredentialNotFound", accessPoint, by: card })
    }
    case "AccessTaken":
    case "AccessNotTaken":
      return device.happen({ _tag: occurrence._tag, accessPoint, by })
    case "DuressSignalled":
      return device.happen({ _tag: "Duress", accessPoint, by })
    default:
      return
  }
}

/** A device of the campus senses something: its state changes and it tells what its protocol has words for. */
export const sense = (device: OnvifDevice, campus: Campus, signal: Exclude<Signal, { _tag: "Presence" }>): void =>
  signal._tag === "Reading" ? read(device, campus, signal) : occur(device, campus, signal)
