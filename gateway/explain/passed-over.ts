import { innerOf } from "../correlation/draft.ts"
import type { CompiledRule, Listener } from "../correlation/rules/compiled-rule.ts"
import { besides, type Hit } from "../correlation/rules/hits.ts"
import { type Located, located } from "../correlation/rules/places.ts"
import type { Scope } from "../correlation/rules/where.ts"
import type { AtDoor } from "./door-rules.ts"

interface Came {
  readonly listener: Listener
  readonly there: Located
  readonly hit: Hit
}

/** What came last at the door that one of these listens for, as far as it is wanted. */
const lastOf = (
  compiled: CompiledRule,
  { campus, at, known, door }: AtDoor,
  listeners: ReadonlyArray<Listener>,
  isWanted: (listener: Listener, there: Located) => boolean
): Came | undefined => {
  const words = new Set(listeners.flatMap((listener) => listener.words))
  if (words.size === 0) return undefined
  for (const signal of campus.signals(words, at - compiled.keepMs).toReversed()) {
    const there = located(innerOf(known).index, signal).find(({ place }) => place.door?.id === door.door.id)
    const listener = there && listeners.find((one) => one.words.includes(signal.word) && isWanted(one, there))
    if (there === undefined || listener === undefined) continue
    return { listener, there, hit: { at: signal.at, seq: signal.seq, step: 0, text: there.words } }
  }
  return undefined
}

/** Those that hear what happens. What lasts is not in the log as such. */
const stepsOf = ({ listeners }: CompiledRule): ReadonlyArray<Listener> =>
  listeners.filter(({ step }) => typeof step === "number" && step !== besides)

/** What came at the door while the rule did not listen. */
export const lastMissed = (compiled: CompiledRule, at: AtDoor): Hit | undefined =>
  lastOf(compiled, at, stepsOf(compiled), (listener, there) => listener.meets(there))?.hit

/** The fields that a condition asks for, each with what it was. */
const askedOf = (where: string, scope: Scope): string => {
  const names = new Set(where.replaceAll(/"[^"]*"|'[^']*'/g, "").match(/[A-Za-z_]\w*/g))
  return [...names]
    .filter((name) => Object.hasOwn(scope, name))
    .map((name) => `${name} was ${JSON.stringify(scope[name])}`)
    .join(", ")
}

/** What came at the door that the rule would have heard, but for a condition of its own, with what this asks for. */
export const lastUnmet = (
  compiled: CompiledRule,
  at: AtDoor
): { readonly hit: Hit; readonly text: string } | undefined => {
  const asking = stepsOf(compiled).filter(({ where }) => where !== undefined)
  const found = lastOf(compiled, at, asking, (listener, there) => !listener.meets(there))
  if (found === undefined) return undefined
  const { hit, there, listener } = found
  const { where = "" } = listener
  return { hit, text: `What came does not meet ${where}: ${askedOf(where, there.all())}` }
}
