import { Effect, Fiber } from "effect"
import type { Campus } from "../domain/campus.ts"
import { canonicalJson } from "../settings/canonical-json.ts"
import { type CameraToWatch, type CameraWatchOptions, watchCamera, type WatchedCamera } from "./camera-watch.ts"

/** Golden ratio: whichever cameras there are, their polls spread evenly over the interval. */
const spread = 0.618_033_988_75

/** The cameras of a campus that have a device in service. */
const camerasOf = ({ cameras, devices, doors }: Campus): ReadonlyArray<CameraToWatch> => {
  const named = new Set(doors.flatMap((door) => door.cameras ?? []))
  const inService = new Set(devices.filter(({ disabled }) => disabled !== true).map(({ id }) => id))
  return cameras.flatMap((camera) =>
    camera.device === undefined || !inService.has(camera.device)
      ? []
      : [{ camera, device: camera.device, polled: named.has(camera.id) }]
  )
}

/** The cameras that are watched, by their ids: the same map as long as it lives, whatever the campus becomes. */
export const makeWatches = (options: CameraWatchOptions) => {
  const cameras = new Map<string, WatchedCamera>()
  const polls = new Map<string, Fiber.Fiber<void>>()
  const marks = new Map<string, string>()
  let nth = 0

  const stop = Effect.fnUntraced(function* (id: string) {
    const poll = polls.get(id)
    cameras.get(id)?.ring.forget(Infinity)
    for (const known of [cameras, polls, marks]) known.delete(id)
    if (poll !== undefined) yield* Fiber.interrupt(poll)
  })

  const begin = (to: CameraToWatch, mark: string): void => {
    const { id } = to.camera
    const watched = watchCamera(to, options)
    cameras.set(id, watched)
    marks.set(id, mark)
    if (watched.polled) polls.set(id, options.run(watched.poll((nth++ * spread) % 1)))
  }

  /** Watches the cameras of this campus; those that are as before go on. */
  const change = Effect.fnUntraced(function* (campus: Campus) {
    const wanted = new Map<string, { to: CameraToWatch; mark: string }>(
      camerasOf(campus).map((to) => [to.camera.id, { to, mark: canonicalJson(to) }])
    )
    for (const [id, mark] of marks) if (wanted.get(id)?.mark !== mark) yield* stop(id)
    for (const [id, { to, mark }] of wanted) if (!cameras.has(id)) begin(to, mark)
  })

  return { cameras, change }
}
