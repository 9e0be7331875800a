import type { ServerResponse } from "node:http"
import type { Faults } from "./faults.ts"
import { frameOf, photograph, type Scene } from "./scene.ts"
import { send, type Spoiling } from "./spoil.ts"

interface Frame {
  readonly at: number
  readonly scene: Scene
  readonly picture: Buffer
}

/** The eyes of a camera: what each sees, and its newest picture. */
export class Snapshots {
  readonly #scenes = new Map<string, Scene>()
  /** The newest frame of each. */
  readonly #frames = new Map<string, Frame>()
  readonly #faults: () => Faults
  readonly #now: () => number

  constructor(
    sources: ReadonlyArray<{ readonly token: string; readonly name: string }>,
    faults: () => Faults,
    now: () => number
  ) {
    for (const { token, name } of sources) this.#scenes.set(token, { camera: name, doors: [], figure: false })
    this.#faults = faults
    this.#now = now
  }

  has(source: string): boolean {
    return this.#scenes.has(source)
  }

  /** The scene before a video source changes. */
  show(source: string, change: Partial<Scene>): void {
    const scene = this.#scenes.get(source)
    if (scene !== undefined) this.#scenes.set(source, { ...scene, ...change })
  }

  #picture(source: string): Buffer {
    const last = this.#frames.get(source)
    if (last !== undefined && this.#faults().snapshot === "frozen") return last.picture
    const scene = this.#scenes.get(source) ?? { camera: source, doors: [], figure: false }
    const at = frameOf(this.#now())
    if (last?.at === at && last.scene === scene) return last.picture
    const picture = photograph(scene, at)
    this.#frames.set(source, { at, scene, picture })
    return picture
  }

  /** Answers with the picture of a video source, or with what the fault makes of it. */
  answer(response: ServerResponse, source: string, headers: Readonly<Record<string, string>>): void {
    const { snapshot } = this.#faults()
    const body = snapshot === "empty" || snapshot === "unavailable" ? Buffer.alloc(0) : this.#picture(source)
    const jpeg = { status: 200, headers: { ...headers, "content-type": "image/jpeg" }, body }
    const spoilt = (spoiling: Spoiling): void => send(response, jpeg, spoiling)
    switch (snapshot) {
      case "good":
      case "frozen":
      case "empty":
        return send(response, jpeg, undefined)
      case "html":
        return spoilt({ _tag: "Html", status: 200 })
      case "truncated":
        return spoilt({ _tag: "Truncate", bytes: body.length >> 1 })
      case "huge":
        return spoilt({ _tag: "Huge", bytes: hugeBytes })
      case "redirect":
        return send(response, { status: 302, headers: { location: elsewhere }, body: Buffer.alloc(0) }, undefined)
      case "slow":
        return spoilt({ _tag: "Drip", everyMs: 1000 })
      case "unavailable":
        return send(response, { status: 503, headers: { "retry-after": "5" }, body }, undefined)
      case "wrong-type":
        return send(response, { ...jpeg, headers: { ...headers, "content-type": "text/plain" } }, undefined)
    }
  }
}

const hugeBytes = 20 * 1024 * 1024

/** An address of the documentation range (RFC 5737): nobody is there. */
const elsewhere = "http://192.0.2.1/snapshot.jpg"
