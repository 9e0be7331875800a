import { Effect } from "effect"
import {
  type Abilities,
  AnswerLost,
  type ConditionAnswer,
  type ConditionAnswered,
  Unable
} from "../../adapters/adapter.ts"
import type { Device } from "../../gateway/domain/campus.ts"
import { panel } from "./campus.ts"
import type { Observation, PointValue } from "../../gateway/domain/observation.ts"
import { commentOf } from "../../gateway/domain/panel-condition.ts"
import type { Answering } from "./plan.ts"
import type { VirtualTime } from "./virtual-time.ts"

type ConditionName = "forced" | "case"

interface Condition {
  active: boolean
  acked: boolean
  event: number
  comment: string | undefined
  by: string | undefined
  shelved: boolean
}

const means: Readonly<Record<ConditionName, { readonly point: string; readonly reading: PointValue }>> = {
  forced: { point: "lab.alarm", reading: { kind: "alarm", value: "DoorForcedOpen" } },
  case: { point: "lab.tamper", reading: { kind: "tamper", value: "on" } }
}

const over: Readonly<Record<ConditionName, PointValue>> = {
  forced: { kind: "alarm", value: "Normal" },
  case: { kind: "tamper", value: "off" }
}

/** One call of the gateway to the panel. */
export interface Call {
  readonly what: string
  /** The condition or door that it is about. */
  readonly about: string
  readonly at: number
  answered: boolean
}

/** The gateway waits so long for an answer, of a door less; then nobody can say what became of the call. */
const waitsMs = { condition: 30_000, door: 10_000 }

/** A panel with conditions and a door that takes orders; what comes of what it is told, and when, is the plan's to say. */
export class Panel {
  answering: Answering = "at once"
  readonly calls: Array<Call> = []
  /** Calls about something that another call, which still waits for its answer, is about. */
  readonly overlaps: Array<string> = []
  readonly #time: VirtualTime
  readonly #says: (observations: ReadonlyArray<Observation>) => void
  readonly #conditions = new Map<ConditionName, Condition>()
  #mode: "Locked" | "Unlocked" | "Accessed" = "Locked"
  #events = 0

  /** How often it hears each call: once. */
  readonly #hears: number

  constructor(time: VirtualTime, hears: number, says: (observations: ReadonlyArray<Observation>) => void) {
    this.#time = time
    this.#hears = hears
    this.#says = says
  }

  turn(id: ConditionName, active: boolean): void {
    const before = this.#conditions.get(id)
    if ((before?.active ?? false) === active) return
    const acked = active ? false : (before?.acked ?? false)
    const kept = { comment: before?.comment, by: before?.by, shelved: before?.shelved ?? false }
    this.#conditions.set(id, { active, acked, event: ++this.#events, ...kept })
    const { point, reading } = means[id]
    const value = active ? reading : over[id]
    this.#says([this.#condition(id, "change"), this.#reading(point, value, "change", id)])
  }

  /** All that the panel tells of itself to who listens anew. */
  tellsAll(): ReadonlyArray<Observation> {
    const conditions = [...this.#conditions.keys()].map((id) => this.#condition(id, "recovery"))
    const alarms = (["forced", "case"] as const).map((id) =>
      this.#reading(
        means[id].point,
        this.#conditions.get(id)?.active === true ? means[id].reading : over[id],
        "recovery"
      )
    )
    return [...conditions, ...alarms, this.#reading("lab.mode", { kind: "mode", value: this.#mode }, "recovery")]
  }

  #reading(point: string, reading: PointValue, origin: "change" | "recovery", condition?: ConditionName): Observation {
    const of = condition === undefined ? {} : { condition: { id: condition } }
    return { _tag: "Reading", device: panel, point, origin, source: "panel", reading, ...of }
  }

  #condition(id: ConditionName, origin: "change" | "recovery"): Observation {
    const { active, acked, event, comment, by, shelved } = this.#conditions.get(id)!
    return {
      _tag: "PanelCondition",
      device: panel,
      point: means[id].point,
      origin,
      source: "panel",
      condition: { id },
      event: `e${event}`,
      active,
      acked,
      retain: active || !acked,
      ...(comment === undefined ? {} : { comment }),
      ...(by === undefined ? {} : { by }),
      means: { reading: means[id].reading },
      shelved,
      answerable: true,
      commentable: true,
      shelvable: true
    }
  }

  /** What a condition becomes by an answer; `false` where it is in another state than the officer saw. */
  #take(kind: keyof Abilities, { condition: { id }, event, officer, note }: ConditionAnswer): boolean {
    const name = id as ConditionName
    const one = this.#conditions.get(name)
    if (one === undefined || (event !== `e${one.event}` && !kind.endsWith("shelve"))) return false
    if (kind === "acknowledge") one.acked = true
    if (kind === "acknowledge" || kind === "comment") one.comment = commentOf(officer, note)
    one.by = officer
    if (kind === "shelve" || kind === "unshelve") one.shelved = kind === "shelve"
    one.event = ++this.#events
    this.#says([this.#condition(name, "change")])
    return true
  }

  /** The process that called is gone, and hears no answer any more. */
  hangUp(): void {
    for (const call of this.calls) call.answered = true
  }

  #call<A, E>(
    what: string,
    about: string,
    take: () => A,
    answers: { readonly [how in "refused" | "away" | "lost"]: Effect.Effect<A, E> }
  ) {
    return Effect.suspend((): Effect.Effect<A, E> => {
      const { now } = this.#time
      const other = this.calls.find(
        (one) => one.about === about && !one.answered && now < one.at + waitsMs[about === "lab" ? "door" : "condition"]
      )
      if (other !== undefined) this.overlaps.push(`the panel is told ${what} while ${other.what} is unanswered`)
      const call: Call = { what, about, at: now, answered: false }
      for (let time = 0; time < this.#hears; time++) this.calls.push(call)
      const how = this.answering
      const done = Effect.sync(() => {
        call.answered = true
        return take()
      })
      if (how === "at once") return done
      if (how === "late") return Effect.delay(done, "4 seconds")
      const told = (answer: Effect.Effect<A, E>) =>
        Effect.andThen(
          Effect.sync(() => void (call.answered = true)),
          answer
        )
      if (how === "refused" || how === "away") return told(answers[how])
      if (how === "done, but the answer lost") this.#time.soon(() => void take())
      return answers.lost === Effect.never ? Effect.never : told(answers.lost)
    })
  }

  abilities(device: Device): Abilities {
    if (device.id !== panel) return {}
    const answerer = (kind: "acknowledge" | "comment" | "shelve" | "unshelve") => (answer: ConditionAnswer) =>
      this.#call<ConditionAnswered, never>(
        JSON.stringify([kind, answer.condition, answer.event, answer.officer, answer.note]),
        answer.condition.id,
        () => ({ outcome: this.#take(kind, answer) ? (kind === "comment" ? "accepted" : "proved") : "stale" }),
        {
          refused: Effect.succeed({ outcome: "refused", detail: "not now" }),
          away: Effect.succeed({ outcome: "away" }),
          lost: Effect.never
        }
      )
    return {
      acknowledge: answerer("acknowledge"),
      comment: answerer("comment"),
      shelve: answerer("shelve"),
      unshelve: answerer("unshelve"),
      command: (_point, command) =>
        this.#call<void, Unable | AnswerLost>(`order ${command}`, "lab", () => this.#obey(command), {
          refused: Effect.fail(new Unable({ reason: "not now" })),
          away: Effect.fail(new Unable({ reason: "away" })),
          lost: Effect.fail(new AnswerLost({ reason: "nobody answered" }))
        })
    }
  }

  #obey(command: string): void {
    const mode = command === "Access" ? "Accessed" : command === "Unlock" ? "Unlocked" : "Locked"
    this.#mode = mode
    this.#says([this.#reading("lab.mode", { kind: "mode", value: mode }, "change")])
    if (mode !== "Accessed") return
    this.#time.after(5000, () => {
      if (this.#mode !== "Accessed") return
      this.#mode = "Locked"
      this.#says([this.#reading("lab.mode", { kind: "mode", value: "Locked" }, "change")])
    })
  }
}
