import type { EpochMs } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"

type Unreadable = Extract<Observation, { _tag: "Unreadable" }>

/** Longer reasons are read by nobody, and a sender could fill the disk with them. */
const whyCharacters = 300
const rawCharacters = 4096
const sourceCharacters = 512

/** No device of the field says more in one message. */
const observationsMax = 256

/** So many unreadable messages of one device are kept in a minute; the others are counted. */
const unreadableAMinute = 20
const minuteMs = 60_000

/** All that no configured device sent has one budget: who makes up names gets no more room by it. */
const strangers = ""

const cut = (text: string, characters: number): string =>
  text.length > characters ? `${text.slice(0, characters)}…` : text

const bounded = (observation: Observation): Observation => {
  switch (observation._tag) {
    case "Unreadable":
      return {
        ...observation,
        why: cut(observation.why, whyCharacters),
        raw: cut(observation.raw, rawCharacters),
        source: cut(observation.source, sourceCharacters)
      }
    case "UnknownDevice":
      return {
        ...observation,
        address: cut(observation.address, sourceCharacters),
        raw: cut(observation.raw, rawCharacters),
        source: cut(observation.source, sourceCharacters)
      }
    case "Gap":
      return observation
    default:
      return { ...observation, source: cut(observation.source, sourceCharacters) }
  }
}

/** Whether nothing of an observation is to be cut, counted or left out. */
const isWithinBounds = (observation: Observation): boolean =>
  observation._tag === "Gap" ||
  (observation._tag !== "Unreadable" &&
    observation._tag !== "UnknownDevice" &&
    observation.source.length <= sourceCharacters)

interface Sender {
  kept: number
  silent: Unreadable | undefined
  count: number
}

/**
 * Keeps one sender from filling the log, whatever it sends: texts are cut, a message makes a bounded number of
 * observations, and of a flood of unreadable messages the first are kept and the rest are counted and told once a minute.
 */
export const makeBounds = () => {
  let minute = 0
  let senders = new Map<string, Sender>()

  const senderOf = ({ device }: Unreadable): Sender => {
    const key = device ?? strangers
    const sender = senders.get(key) ?? { kept: 0, silent: undefined, count: 0 }
    senders.set(key, sender)
    return sender
  }

  const isKept = (observation: Unreadable): boolean => {
    const sender = senderOf(observation)
    if (sender.kept < unreadableAMinute) {
      sender.kept++
      return true
    }
    sender.silent ??= observation
    sender.count++
    return false
  }

  return {
    /** What is reported of a message: the list itself, where it is within its bounds. */
    of: (observations: ReadonlyArray<Observation>): ReadonlyArray<Observation> => {
      if (observations.length <= observationsMax && observations.every(isWithinBounds)) return observations
      const some = observations.length > observationsMax ? observations.slice(0, observationsMax) : observations
      return some.map(bounded).filter((observation) => observation._tag !== "Unreadable" || isKept(observation))
    },
    /** What was counted in the minute that is over, one observation a sender. `now` in epoch milliseconds. */
    overdue: (now: EpochMs): ReadonlyArray<Observation> => {
      if (now - minute < minuteMs) return []
      minute = now
      const before = senders
      senders = new Map()
      return [...before.values()].flatMap(({ silent, count }) =>
        silent === undefined
          ? []
          : [{ ...silent, why: `${count} more unreadable messages came within a minute: ${silent.why}` }]
      )
    }
  }
}
