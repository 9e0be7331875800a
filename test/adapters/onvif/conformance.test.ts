import { conforms } from "../../adapter-conformance.ts"
import { controller, onvif, openDevice } from "./peers.ts"

/** A controller that tells nothing by itself: what a test hears is what the test has said. */
const quiet = { initialState: "none", synchronizationUnsupported: true } as const

conforms("onvif at a door controller with pull points", onvif, () => openDevice(controller, quiet), {
  vanish: true,
  refuse: true,
  ack: false
})

conforms(
  "onvif at a door controller that sends its events",
  onvif,
  () => openDevice(controller, quiet, { mode: "push", push: { host: "127.0.0.1", port: 0 } }),
  { vanish: true, refuse: true, ack: false }
)
