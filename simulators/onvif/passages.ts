import type { DoorCommand, DoorState } from "../campus/door-machine.ts"
import type { Doors, KnownDoor } from "./doors.ts"
import type { Bearer, DeniedReason, Happening } from "./happening.ts"
import type { AccessPointOptions } from "./options.ts"

/** What the controller's own rules say of somebody who asks to pass. */
export type Decision =
  | { readonly granted: true; readonly extended?: boolean }
  | { readonly granted: false; readonly reason: DeniedReason }

interface Pending {
  readonly accessPoint: string
  readonly by: Bearer
}

/**
 * What a controller does with those who ask to pass: grants or denies, and says afterwards whether the door was opened
 * (Access Control Service: AccessGranted, then AccessTaken or AccessNotTaken).
 */
export class Passages {
  readonly #accessPoints: ReadonlyArray<AccessPointOptions>
  readonly #happen: (happening: Happening) => void
  readonly #disabled: (accessPoint: string) => boolean
  /** Who was let in and has not opened yet, by door. */
  readonly #pending = new Map<string, Pending>()

  constructor(parts: {
    readonly accessPoints: ReadonlyArray<AccessPointOptions>
    readonly happen: (happening: Happening) => void
    readonly disabled: (accessPoint: string) => boolean
  }) {
    this.#accessPoints = parts.accessPoints
    this.#happen = parts.happen
    this.#disabled = parts.disabled
  }

  /**
   * Somebody is at an access point. One that is disabled says nothing; a door that may not be opened at all denies
   * everybody, with `Other`.
   */
  present(doors: Doors, token: string, by: Bearer, decision: Decision): void {
    const point = this.#accessPoints.find((candidate) => candidate.token === token)
    if (point === undefined || this.#disabled(token)) return
    const ask: DoorCommand = { _tag: "Access", extended: decision.granted && decision.extended === true }
    const accessPoint = point.token
    if (!decision.granted) return this.#happen({ _tag: "AccessDenied", accessPoint, by, reason: decision.reason })
    if (doors.refusal(point.door, ask) !== undefined)
      return this.#happen({ _tag: "AccessDenied", accessPoint, by, reason: "Other" })
    this.#giveUp(point.door)
    this.#happen({ _tag: "AccessGranted", accessPoint, by })
    this.#pending.set(point.door, { accessPoint, by })
    doors.step(point.door, ask)
  }

  #giveUp(door: string): void {
    const pending = this.#pending.get(door)
    if (pending === undefined) return
    this.#pending.delete(door)
    this.#happen({ _tag: "AccessNotTaken", ...pending })
  }

  /** Looks at every movement of a door: an opening is what a grant was for, a relocking without one its end. */
  moved({ token, capabilities }: KnownDoor, before: DoorState, after: DoorState): void {
    const pending = this.#pending.get(token)
    if (pending === undefined) return
    // Without a contact a controller cannot tell.
    if (!capabilities.doorMonitor) return void this.#pending.delete(token)
    if (before.physical !== "Open" && after.physical === "Open") {
      this.#pending.delete(token)
      this.#happen({ _tag: "AccessTaken", ...pending })
    } else if (before.mode === "Accessed" && after.mode !== "Accessed") this.#giveUp(token)
  }
}
