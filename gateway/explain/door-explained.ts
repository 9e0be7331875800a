import { type IndexedDoor, timesOf } from "../correlation/campus-index.ts"
import { type DoorMemory, memoryOf, unknownDoor } from "../correlation/door-memory.ts"
import type { Judgement } from "../correlation/door-verdict.ts"
import { innerOf } from "../correlation/draft.ts"
import type { Situation } from "../correlation/situation.ts"
import type { AlertChange } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import { type Base, foldCourse, type PlacedFact } from "./door-course.ts"
import { circumstancesOf } from "./circumstances.ts"
import type { CampusHeard } from "./campus-heard.ts"
import { blindnessOf, pointsExplained } from "./door-blind.ts"
import { pendingExplained } from "./door-pending.ts"
import { builtInRules, type RuleExplainer } from "./door-rules.ts"
import type { ConfigInForce, DoorExplanation, OpeningExplained } from "./explanation.ts"
import { openingsExplained } from "./opening-explained.ts"
import { writtenRules } from "./written-rules.ts"
import type { WhoAt } from "./weighed.ts"
import { spanOf } from "./span-words.ts"

/** Openings so long before the instant that is asked about are told of: an officer remembers a time to a few minutes. Ours. */
export const lookBackMs = 5 * 60_000

/** And so long after it: what had opened by then is judged, and held, within this. Ours. */
export const lookAheadMs = 2 * 60_000

/** No more openings are told of, the nearest to the instant. */
const openingsAtMost = 20

/** Every rule that can be explained at a door. */
const explainers: ReadonlyArray<RuleExplainer> = [builtInRules, writtenRules]

interface Asked {
  readonly door: string
  readonly at: EpochMs
  /** Up to here it is known what happened; at or after `at`. */
  readonly until: EpochMs
  readonly base: Base
  readonly facts: Iterable<PlacedFact>
  readonly config: ConfigInForce | undefined
  readonly whoAt: WhoAt
  readonly campus: CampusHeard
}

export const doorAt = (situation: Situation, id: string): IndexedDoor | undefined =>
  innerOf(situation).index.doors.get(id)

const memoryIn = (situation: Situation, id: string): DoorMemory => {
  const state = situation.doors.get(id)
  return state === undefined ? unknownDoor(situation.at) : memoryOf(state)
}

const nearestTo = (at: EpochMs, openings: ReadonlyArray<OpeningExplained>): ReadonlyArray<OpeningExplained> =>
  openings.length <= openingsAtMost
    ? openings
    : [...openings]
        .sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))
        .slice(0, openingsAtMost)
        .sort((a, b) => a.at - b.at)

const coverOf = ({ cover }: NonNullable<DoorMemory["opening"]>): string =>
  cover === undefined ? "" : `, by right: ${cover.text}`

const stateText = ({ opening, closed, position, unseenFrom }: DoorMemory, at: EpochMs): string => {
  const unseen = unseenFrom === undefined ? "" : `; it has been out of sight for ${spanOf(at - unseenFrom)}`
  if (opening !== undefined) return `It opened ${spanOf(at - opening.at)} before${coverOf(opening)}${unseen}`
  if (closed !== undefined) return `It closed ${spanOf(at - closed.at)} before${unseen}`
  return position === "Closed" ? "It was closed" : `Its position was ${position.toLowerCase()}${unseen}`
}

/** That pictures were kept is told with the alert. */
const isNews = ({ transition }: AlertChange): boolean => !transition.startsWith("evidence-")

/**
 * Why a door did, or did not, alarm around an instant: the log's facts folded to it and somewhat beyond by the gateway's own
 * fold. `undefined`: the configuration of that time does not know the door.
 */
export const explainDoor = ({
  door,
  at,
  until,
  base,
  facts,
  config,
  whoAt,
  campus
}: Asked): DoorExplanation | undefined => {
  const judgements: Array<Judgement> = []
  const changes: Array<AlertChange> = []
  const from = at - lookBackMs
  const course = foldCourse(
    base,
    facts,
    { at, until },
    {
      judged: (id, judgement) => {
        if (id === door) judgements.push(judgement)
      },
      changed: (change) => {
        if (change.alert.door === door && change.at >= from && campus.has(change.alert)) changes.push(change)
      }
    }
  )
  const { known } = course
  const found = doorAt(known, door)
  if (found === undefined) return undefined
  const memory = memoryIn(known, door)
  // The times that its schedule has in force.
  const indexed = { ...found, times: timesOf(found, memory) }
  const lasting = memory.opening?.seq
  const around = judgements.filter(({ opening }) => opening.at >= from || opening.seq === lasting)
  const openings = nearestTo(at, openingsExplained(around, { times: indexed.times, whoAt }))
  const points = pointsExplained(known, indexed)
  return {
    door: indexed.door.id,
    name: indexed.door.name,
    at,
    ...(config === undefined ? {} : { config }),
    state: {
      standing: memory.standing,
      position: memory.position,
      lock: memory.lock,
      mode: memory.mode,
      since: memory.since,
      text: stateText(memory, at)
    },
    blind: blindnessOf(known, indexed, points),
    circumstances: circumstancesOf(known, indexed, memory),
    points,
    pending: pendingExplained(memory, indexed.times),
    times: indexed.times,
    openings,
    alerts: changes.filter(isNews).map(({ at: when, alert, transition, by }) => ({
      at: when,
      alert: alert.id,
      condition: alert.condition,
      transition,
      by
    })),
    rules: explainers.flatMap((explain) => explain({ door: indexed, at, known, openings, changes, campus })),
    facts: course.facts
  }
}
