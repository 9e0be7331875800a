import { Schema } from "effect"
import type { DoorMode } from "./door.ts"

/**
 * What a door can be told, in the words of the ONVIF Door Control Service Specification 19.12, section 5.3 (`AccessDoor`,
 * `LockDoor` …). `Access` lets one person pass; the other words set a mode that lasts.
 */
export const DoorCommand = Schema.Literals([
  "Access",
  "Lock",
  "Unlock",
  "Block",
  "LockDown",
  "LockDownRelease",
  "LockOpen",
  "LockOpenRelease",
  "DoubleLock"
]).annotate({ identifier: "DoorCommand" })
export type DoorCommand = typeof DoorCommand.Type

/**
 * The modes that prove a command; a release may end in any mode but the one released. After `Access` a door shows
 * `Accessed`, until its strike time is over.
 */
export const provingModes: { readonly [Command in DoorCommand]: (mode: DoorMode) => boolean } = {
  Access: (mode) => mode === "Accessed",
  Lock: (mode) => mode === "Locked",
  Unlock: (mode) => mode === "Unlocked",
  Block: (mode) => mode === "Blocked",
  LockDown: (mode) => mode === "LockedDown",
  LockDownRelease: (mode) => mode !== "LockedDown" && mode !== "Unknown",
  LockOpen: (mode) => mode === "LockedOpen",
  LockOpenRelease: (mode) => mode !== "LockedOpen" && mode !== "Unknown",
  DoubleLock: (mode) => mode === "DoubleLocked"
}
