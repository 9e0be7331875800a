import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** xorshift32 from a seed: a run can be had again. */
export const chances = (seed: number) => {
  let state = (seed * 2_654_435_761) | 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  /** A whole number from 0 to below `n`. */
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    one: <A>(of: ReadonlyArray<A>): A => of[below(of.length)] as A,
    bytes: (n: number): Buffer => Buffer.from(Array.from({ length: n }, () => below(256)))
  }
}

export type Chances = ReturnType<typeof chances>

const cut = (bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])

const changes: ReadonlyArray<(bytes: Buffer, by: Chances) => Buffer> = [
  (bytes, by) => bytes.subarray(0, by.below(bytes.length + 1)),
  (bytes, by) => cut(bytes, by.below(bytes.length + 1), 0, by.bytes(1 + by.below(8))),
  (bytes, by) => cut(bytes, by.below(bytes.length + 1), 1 + by.below(8), Buffer.alloc(0)),
  (bytes, by) => cut(bytes, by.below(bytes.length + 1), 1, Buffer.from([by.one([0, 1, 0x7f, 0x80, 0xff])])),
  (bytes, by) => {
    const at = by.below(bytes.length + 1)
    return cut(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << by.below(8))]))
  },
  (bytes, by) => {
    const at = by.below(bytes.length + 1)
    return cut(bytes, at, 0, bytes.subarray(at, at + by.below(16)))
  },
  (_, by) => by.bytes(by.below(64))
]

/** The bytes as a broken sender, or a broken line, may make of them. */
export const mutated = (bytes: Buffer, by: Chances): Buffer => {
  let now = bytes
  for (let times = 1 + by.below(3); times > 0; times--) now = by.one(changes)(now, by)
  return now
}

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** Megabytes of heap in use after a collection. */
export const heapMb = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

/** Collects what nobody caught, in words, until it is stopped. */
export const watchUncaught = () => {
  const uncaught: Array<string> = []
  const caught = (error: unknown): void => {
    uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  process.on("uncaughtException", caught)
  process.on("unhandledRejection", caught)
  return {
    stop: (): ReadonlyArray<string> => {
      process.off("uncaughtException", caught)
      process.off("unhandledRejection", caught)
      return uncaught
    }
  }
}
