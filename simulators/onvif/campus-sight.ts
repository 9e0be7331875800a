import type { Campus, Door } from "../../gateway/domain/campus.ts"
import type { World } from "../campus/world.ts"
import { camerasAt } from "./campus-layout.ts"
import type { OnvifDevice } from "./device.ts"

/** Whoever passed a door has left the picture after this long; ours. */
const usualMotionMs = 6000

interface Eye {
  readonly device: OnvifDevice
  readonly source: string
  readonly doors: ReadonlyArray<Door>
  open: ReadonlySet<string>
  motionEnds: NodeJS.Timeout | undefined
}

const isOpen = (world: World, { position }: Door): boolean =>
  position !== undefined && world.points.get(position)?.value === "open"

/** What the cameras of a campus see of it: their doors, and somebody walking whenever one of them opens. */
export class CampusSight {
  readonly #eyes: ReadonlyArray<Eye>
  readonly #motionMs: number

  constructor(campus: Campus, devices: ReadonlyMap<string, OnvifDevice>, motionMs = usualMotionMs) {
    this.#motionMs = motionMs
    this.#eyes = [...devices].flatMap(([id, device]) =>
      camerasAt(campus, id).map((camera) => ({
        device,
        source: camera.id,
        doors: campus.doors.filter((door) => door.cameras?.includes(camera.id)),
        open: new Set<string>(),
        motionEnds: undefined
      }))
    )
  }

  /** Looks at the world; a door that is open now and was not before moves something, unless it was `found` so. */
  look(world: World, how: "found" | "seen"): void {
    for (const eye of this.#eyes) {
      const open = new Set(eye.doors.filter((door) => isOpen(world, door)).map(({ id }) => id))
      const opened = [...open].some((id) => !eye.open.has(id))
      eye.open = open
      const doors = eye.doors.map((door) => ({ name: door.name, open: open.has(door.id) }))
      eye.device.show(eye.source, { doors })
      if (opened && how === "seen") this.#move(eye)
    }
  }

  #move(eye: Eye): void {
    const turn = (on: boolean): void => {
      eye.device.show(eye.source, { figure: on })
      eye.device.happen({ _tag: "Motion", source: eye.source, on })
      eye.device.happen({ _tag: "CellMotion", source: eye.source, on })
    }
    turn(true)
    clearTimeout(eye.motionEnds)
    eye.motionEnds = setTimeout(() => turn(false), this.#motionMs)
  }

  /** No motion ends any more. */
  close(): void {
    for (const { motionEnds } of this.#eyes) clearTimeout(motionEnds)
  }
}
