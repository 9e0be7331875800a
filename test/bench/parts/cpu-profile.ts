import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The part of V8's profile format that is read here (Chrome DevTools Protocol, `Profiler.Profile`). */
interface CpuProfile {
  readonly nodes: ReadonlyArray<ProfileNode>
  /** Microseconds, by the same clock as `monotonicUs`. */
  readonly startTime: number
  readonly samples: ReadonlyArray<number>
  readonly timeDeltas: ReadonlyArray<number>
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: ReadonlyArray<number>
}

/** Shares of the time that the thread was busy, the largest first. */
export type Shares = ReadonlyArray<readonly [name: string, share: number]>

/** Which stage of the road a frame belongs to; the nearest frame with an answer, from the inside out, decides. */
export type StageOf = (functionName: string, url: string) => string | undefined

/** What a thread does when it does nothing. */
const idle: ReadonlySet<string> = new Set(["(idle)", "(program)"])

/** A profile of one thread between two instants (`monotonicUs`). */
export class ProfiledSpan {
  readonly #nodes: ReadonlyMap<number, ProfileNode>
  readonly #parents = new Map<number, ProfileNode>()
  readonly #self = new Map<number, number>()
  readonly #lasted: number
  #busy = 0

  constructor(profile: CpuProfile, fromUs: number, toUs: number) {
    this.#lasted = toUs - fromUs
    this.#nodes = new Map(profile.nodes.map((node) => [node.id, node]))
    for (const node of profile.nodes) for (const child of node.children ?? []) this.#parents.set(child, node)
    let at = profile.startTime
    for (const [nth, id] of profile.samples.entries()) {
      at += profile.timeDeltas[nth] ?? 0
      const lasted = profile.timeDeltas[nth + 1] ?? 0
      if (at < fromUs || at > toUs || idle.has(this.#nodes.get(id)?.callFrame.functionName ?? "")) continue
      this.#self.set(id, (this.#self.get(id) ?? 0) + lasted)
      this.#busy += lasted
    }
  }

  #shares(nameOf: (id: number) => string): Shares {
    const sums = new Map<string, number>()
    for (const [id, us] of this.#self) sums.set(nameOf(id), (sums.get(nameOf(id)) ?? 0) + us)
    return [...sums].map(([name, us]) => [name, us / this.#busy] as const).sort(([, a], [, b]) => b - a)
  }

  /** For how much of the span it was busy. */
  get busy(): number {
    return this.#busy / this.#lasted
  }

  /** Self time by function. */
  functions(): Shares {
    return this.#shares((id) => {
      const { functionName = "", url = "", lineNumber = 0 } = this.#nodes.get(id)?.callFrame ?? {}
      const file = url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(?=(adapters|gateway)\/)/, "")
      return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`
    })
  }

  /** Self time by stage. */
  stages(stageOf: StageOf): Shares {
    return this.#shares((id) => {
      for (let node = this.#nodes.get(id); node !== undefined; node = this.#parents.get(node.id)) {
        const stage = stageOf(node.callFrame.functionName, node.callFrame.url)
        if (stage !== undefined) return stage
      }
      return "Node itself"
    })
  }
}

/**
 * Reads what the threads of a process that ran with `--cpu-prof` have left in a directory: of each thread whose code stands in
 * one of these files (`gateway/main.ts`) its span.
 */
export const readSpans = (
  directory: string,
  files: ReadonlyArray<string>,
  fromUs: number,
  toUs: number
): ReadonlyArray<ProfiledSpan> => {
  const profiles = readdirSync(directory)
    .filter((name) => name.endsWith(".cpuprofile"))
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as CpuProfile)
  return files.map((file) => {
    const found = profiles.find(({ nodes }) => nodes.some(({ callFrame }) => callFrame.url.endsWith(file)))
    if (found === undefined) throw new Error(`no profile of ${file} in ${directory}`)
    return new ProfiledSpan(found, fromUs, toUs)
  })
}
