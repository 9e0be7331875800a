import type { Alert, AlertCondition } from "../../gateway/domain/alert.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { AlertId, DeviceId } from "../../gateway/domain/ids.ts"
import type { Observation, Origin, PointValue } from "../../gateway/domain/observation.ts"
import type { AlertPanelCondition, WriteBackKind, WriteBackOutcome } from "../../gateway/domain/panel-condition.ts"
import { type OwedWriteBack, owedWriteBacks } from "../../gateway/correlation/owed-write-backs.ts"
import { Stage } from "./door-stage.ts"

type Told = Extract<Observation, { _tag: "PanelCondition" }>

/** How a condition is told: what is left out is as of one that was raised just now. */
export interface How {
  readonly branch?: string
  readonly event?: string
  readonly active?: boolean
  readonly acked?: boolean
  readonly retain?: boolean
  readonly gone?: boolean
  readonly comment?: string
  readonly by?: string
  readonly origin?: Origin
  readonly shelved?: boolean
  readonly answerable?: boolean
  readonly commentable?: boolean
  readonly shelvable?: boolean
  readonly test?: boolean
}

/** The point of each of the panel's conditions, and what it makes of it. */
const places: Readonly<Record<string, { readonly point: string; readonly means: Told["means"] }>> = {
  forced: { point: "alarm", means: { reading: { kind: "alarm", value: "DoorForcedOpen" } } },
  held: { point: "alarm", means: { reading: { kind: "alarm", value: "DoorOpenTooLong" } } },
  case: { point: "casing", means: { reading: { kind: "tamper", value: "on" } } },
  cover: { point: "casing", means: { reading: { kind: "tamper", value: "on" } } },
  panic: { point: "button", means: { occurrence: "PanicPressed" } }
}

export const panel = DeviceId.make("panel")

/** A panel with conditions at the points of its own. */
export class PanelStage extends Stage {
  /** What the newest of each kind that went to a condition was asked for by. */
  readonly #sent = new Map<string, number>()

  constructor(campus?: Campus) {
    super(campus)
    this.at(0)
  }

  /** A condition is told, and nothing of what it makes of its point. */
  tells(id: keyof typeof places, how: How = {}): this {
    const { branch, origin = "change", event = "e1", active = true, acked = false, retain = true } = how
    const { point, means } = places[id]!
    return this.observe({
      _tag: "PanelCondition",
      device: panel,
      point,
      origin,
      source: "test",
      ...(how.test === undefined ? {} : { test: how.test }),
      condition: { id, ...(branch === undefined ? {} : { branch }) },
      event,
      active,
      acked,
      retain,
      ...(how.gone === undefined ? {} : { gone: how.gone }),
      ...(how.comment === undefined ? {} : { comment: how.comment }),
      ...(how.by === undefined ? {} : { by: how.by }),
      means,
      ...(how.shelved === undefined ? {} : { shelved: how.shelved }),
      answerable: how.answerable ?? true,
      commentable: how.commentable ?? true,
      shelvable: how.shelvable ?? true
    })
  }

  /** A condition is told, with what it makes of its point. */
  says(id: keyof typeof places, how: How = {}): this {
    this.tells(id, how)
    const { point, means } = places[id]!
    const signal = { device: panel, point, origin: how.origin ?? "change", source: "test", condition: { id } } as const
    if ("occurrence" in means) {
      const nativeKey = `active:${id}:${how.event ?? "e1"}`
      const occurrence = { _tag: "PanicPressed" } as const
      return how.active === false ? this : this.observe({ _tag: "Occurrence", ...signal, nativeKey, occurrence })
    }
    const over = (
      means.reading.kind === "alarm" ? { kind: "alarm", value: "Normal" } : { ...means.reading, value: "off" }
    ) as PointValue
    return this.observe({ _tag: "Reading", ...signal, reading: how.active === false ? over : means.reading })
  }

  /** An officer acknowledges an alert, with a note. */
  answers(condition: AlertCondition, note?: string): this {
    const by = "Ada"
    this.enter({ _tag: "AlertAcknowledged", alert: this.idOf(condition), by, ...(note === undefined ? {} : { note }) })
    return this
  }

  notes(condition: AlertCondition, note: string): this {
    this.enter({ _tag: "AlertNoted", alert: this.idOf(condition), by: "Ada", note })
    return this
  }

  shelves(condition: AlertCondition, minutes: number, once = false): this {
    const oneShot = once ? ({ oneShot: true } as const) : {}
    const alert = this.idOf(condition)
    this.enter({ _tag: "AlertShelved", alert, by: "Ada", minutes, ...oneShot, reason: "being repaired" })
    return this
  }

  unshelves(condition: AlertCondition): this {
    this.enter({ _tag: "AlertUnshelved", alert: this.idOf(condition), by: "Ada", reason: "repaired" })
    return this
  }

  /** All that is owed is sent. */
  sends(): this {
    for (const owed of this.owed) this.sendsOne(owed)
    return this
  }

  sendsOne({ alert, device, condition, kind, asked = 0, event }: OwedWriteBack): this {
    this.#sent.set(`${kind} ${condition.id}`, asked)
    this.enter({ _tag: "WriteBackSent", alert, device, condition, kind, asked, event })
    return this
  }

  /** What comes of what was sent to a condition's state. */
  came(
    outcome: WriteBackOutcome,
    id: string,
    {
      branch,
      event = "e1",
      kind = "acknowledge"
    }: Pick<How, "branch" | "event"> & { readonly kind?: WriteBackKind } = {}
  ): this {
    const alert = this.changes.at(-1)?.alert.id ?? AlertId.make("A-none")
    const condition = { id, ...(branch === undefined ? {} : { branch }) }
    const detail = outcome === "proved" ? {} : { detail: "the panel says so" }
    const asked = this.#sent.get(`${kind} ${id}`) ?? 0
    this.enter({ _tag: "WriteBackAnswered", alert, device: panel, condition, kind, asked, event, outcome, ...detail })
    return this
  }

  get owed() {
    return owedWriteBacks(this.situation)
  }

  /** How far the acknowledgement of each condition of the newest step's alert has come. */
  get states(): ReadonlyArray<string> {
    return statesOf(this.changes.at(-1)?.alert)
  }
}

export const statesOf = (alert: Alert | undefined): ReadonlyArray<string> =>
  (alert?.panelConditions ?? []).map(
    ({ id, branch, acked, writeBack }: AlertPanelCondition) =>
      `${id}${branch === undefined ? "" : `#${branch}`} ${acked ? "acknowledged" : "unacknowledged"} ${writeBack?.state ?? "-"}`
  )

/** What goes back to an alert's first condition beside its acknowledgement, and how far it has come. */
export const besidesOf = (alert: Alert | undefined): ReadonlyArray<string> =>
  (alert?.panelConditions?.[0]?.besides ?? []).map(({ kind, state }) => `${kind ?? "acknowledge"} ${state}`)
