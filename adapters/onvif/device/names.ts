import { Effect, Queue, Result } from "effect"
import { pointNamed, tokenNamed } from "../../profile/point-name.ts"
import { type AccessPointInfo, listAccessPoints } from "./access-points.ts"
import type { CallFailed, Connection } from "../wire/connection.ts"
import { type DoorInfo, listDoors } from "./doors.ts"
import { isNotImplemented } from "../wire/failures.ts"

/** Tokens that come to the same points as one listed before them, and which that is. */
export type Mistakable = ReadonlyMap<string, string>

/** What doors and access points a controller has, by their tokens and for people. */
export interface Names {
  readonly doors: ReadonlyArray<DoorInfo>
  readonly accessPoints: ReadonlyArray<AccessPointInfo>
  /** What people call a token. */
  readonly called: ReadonlyMap<string, string>
  /** What is said of these would be taken for what is said of another. */
  readonly mistakable: { readonly doors: Mistakable; readonly accessPoints: Mistakable }
}

/** Lists that a controller did not give when it was asked are asked for again after this, doubling. */
const againMs = 1000
const againMostMs = 300_000

const mistakableOf = (items: ReadonlyArray<{ readonly token: string }>): Mistakable => {
  const first = new Map<string, string>()
  const found = new Map<string, string>()
  for (const { token } of items) {
    // Any one prefix will do: a name is cut by its length alone, and all of a door's points have names of like length.
    const point = pointNamed(`reader-${tokenNamed(token)}`) ?? token
    const before = first.get(point)
    if (before === undefined) first.set(point, token)
    else if (before !== token) found.set(token, before)
  }
  return found
}

const namesOf = (doors: ReadonlyArray<DoorInfo>, accessPoints: ReadonlyArray<AccessPointInfo>): Names => ({
  doors,
  accessPoints,
  called: new Map([...doors, ...accessPoints].flatMap(({ token, name }) => (name === "" ? [] : [[token, name]]))),
  mistakable: { doors: mistakableOf(doors), accessPoints: mistakableOf(accessPoints) }
})

export interface NamesOptions {
  readonly connection: Connection
  /** Where the controller lists its doors, and its access points; `undefined` where it has none. */
  readonly doorsUrl: string | undefined
  readonly accessUrl: string | undefined
  /** Runs with each list that was read. */
  readonly wasRead: (names: Names) => Effect.Effect<void>
}

/**
 * What a controller calls its doors and access points. `read` asks for both lists; what is not answered stays as it was.
 * `keep` runs for as long as the link does, and asks again, later and later, until every list was read.
 */
export const makeNames = Effect.fnUntraced(function* ({ connection, doorsUrl, accessUrl, wasRead }: NamesOptions) {
  const missing = yield* Queue.sliding<void>(1)
  let names: Names = namesOf([], [])
  let complete = false

  /** The list; `undefined` when the controller did not give it. One that has no such list has nothing in it. */
  const listed = <A>(list: Effect.Effect<ReadonlyArray<A>, CallFailed> | undefined) =>
    list === undefined
      ? Effect.succeed<ReadonlyArray<A> | undefined>([])
      : Effect.map(Effect.result(list), (result): ReadonlyArray<A> | undefined => {
          if (Result.isSuccess(result)) return result.success
          return isNotImplemented(result.failure) ? [] : undefined
        })

  const read = Effect.gen(function* () {
    const doors = yield* listed(doorsUrl === undefined ? undefined : listDoors(connection, doorsUrl))
    const accessPoints = yield* listed(accessUrl === undefined ? undefined : listAccessPoints(connection, accessUrl))
    names = namesOf(doors ?? names.doors, accessPoints ?? names.accessPoints)
    complete = doors !== undefined && accessPoints !== undefined
    if (!complete) yield* Queue.offer(missing, undefined)
    yield* wasRead(names)
  })

  const keep = Effect.gen(function* () {
    for (;;) {
      yield* Queue.take(missing)
      for (let pauseMs = againMs; !complete; pauseMs = Math.min(2 * pauseMs, againMostMs)) {
        yield* Effect.sleep(pauseMs)
        if (!complete) yield* read
      }
    }
  })

  return { names: () => names, read, keep }
})
