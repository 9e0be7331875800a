import type { Campus, Door } from "../../gateway/domain/campus.ts"
import type { Action } from "./action.ts"

/** A generator of chance in [0, 1) that gives the same course for the same seed (mulberry32). */
export const chance = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** An action, and how long after the beginning of the walk it comes. */
export interface Timed {
  readonly afterMs: number
  readonly action: Action
}

const people = ["ada", "ben", "carmen", "dev", "elif", "farah", "george", "hana"] as const

const pick = <A>(items: ReadonlyArray<A>, random: () => number): A | undefined =>
  items[Math.floor(random() * items.length)]

/** `stranger`: the one person whose card does not open this door. */
const enter = (door: Door, stranger: string, random: () => number): ReadonlyArray<Timed> => {
  // One in twelve times it is forgotten that it does not. Nobody is turned away at door after door for that.
  if (random() < 1 / 12)
    return [{ afterMs: 0, action: { _tag: "Badge", door: door.id, person: stranger, granted: false } }]
  const others = people.filter((one) => one !== stranger)
  const person = pick(others, random) ?? stranger
  const opens = 1200 + random() * 1500
  return [
    { afterMs: 0, action: { _tag: "Badge", door: door.id, person, granted: true } },
    { afterMs: opens, action: { _tag: "Open", door: door.id } },
    { afterMs: opens + 3000 + random() * 4000, action: { _tag: "Close", door: door.id } }
  ]
}

const leave = (door: Door, random: () => number): ReadonlyArray<Timed> => {
  const opens = 700 + random() * 1500
  return [
    { afterMs: 0, action: { _tag: "RequestExit", door: door.id } },
    { afterMs: opens, action: { _tag: "Open", door: door.id } },
    { afterMs: opens + 1000 + random() * 1500, action: { _tag: "EndExitRequest", door: door.id } },
    { afterMs: opens + 3000 + random() * 4000, action: { _tag: "Close", door: door.id } }
  ]
}

/** One rightful passage of one person through one door that is not `busy`; nothing when none is free. */
export const nextWalk = (campus: Campus, busy: ReadonlySet<string>, random: () => number): ReadonlyArray<Timed> => {
  const free = campus.doors.filter((door) => door.position !== undefined && !busy.has(door.id))
  const strangerAt = (door: Door): string => people[campus.doors.indexOf(door) % people.length] ?? people[0]
  const ways = free.flatMap((door) => [
    ...((door.accessPoints?.length ?? 0) > 0 ? [() => enter(door, strangerAt(door), random)] : []),
    ...((door.rex?.length ?? 0) > 0 ? [() => leave(door, random)] : [])
  ])
  return pick(ways, random)?.() ?? []
}
