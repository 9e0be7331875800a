import type { Happening } from "./happening.ts"
import { instant } from "./instant.ts"
import type { Notification } from "./notification.ts"
import type { CompleteOptions } from "./options.ts"

/** What a device's properties are at the beginning: nothing moves, nothing is wrong. Doors tell their own. */
export const atRest = (options: CompleteOptions): ReadonlyArray<Happening> => [
  ...options.videoSources.flatMap(({ token }): ReadonlyArray<Happening> => [
    { _tag: "Motion", source: token, on: false },
    { _tag: "CellMotion", source: token, on: false },
    { _tag: "SceneChanged", source: token, on: false },
    { _tag: "Tampered", source: token, on: false },
    { _tag: "SignalLoss", source: token, on: false }
  ]),
  ...options.inputs.map(({ token }): Happening => ({ _tag: "Input", token, on: false })),
  ...options.relays.map(({ token }): Happening => ({ _tag: "Relay", token, on: false })),
  ...options.accessPoints.map(({ token }): Happening => ({ _tag: "AccessPointEnabled", accessPoint: token, on: true })),
  ...(options.videoSources.length > 0 ? [{ _tag: "StorageFailure", token: "SD_DISK", on: false } as const] : [])
]

/** The property that tells when the power came. */
export const lastReboot = (at: number): Notification => ({
  topic: "Monitoring/OperatingTime/LastReboot",
  operation: "Changed",
  source: [],
  data: [{ name: "Status", value: instant(at, "utc") }],
  at
})
