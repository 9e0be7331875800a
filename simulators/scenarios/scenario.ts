import type { AlertTransition, Outcome, Priority } from "../../gateway/domain/alert.ts"
import type { ArmingState } from "../../gateway/domain/arming.ts"
import type { DoorStanding } from "../../gateway/domain/door.ts"
import type { Action } from "../campus/action.ts"
import type { Place, Where } from "./problem.ts"

/** Something done to the campus, to a device or to the gateway. Times count from the scenario's start. */
export type Step = { readonly atMs: number; readonly where: Where } & (
  | { readonly _tag: "Acts"; readonly action: Action; readonly carriage: Carriage }
  /** The device's clock is wrong by this much from here on; before the start: it always was. */
  | { readonly _tag: "SetsClock"; readonly device: string; readonly offsetMs: number }
  /** What the device says is held back, in order, until `untilMs`. */
  | { readonly _tag: "HoldsBack"; readonly device: string; readonly untilMs: number }
  /** A message that no device of the world says: `retained` is the broker's own mark on it. */
  | { readonly _tag: "Sends"; readonly topic: string; readonly payload: string; readonly carriage: Carriage }
  /** An officer says something to the gateway, as over its API. */
  | { readonly _tag: "Orders"; readonly order: Order }
  /** The gateway dies and is back at `backMs`. */
  | { readonly _tag: "Restarts"; readonly backMs: number; readonly session: "kept" | "lost" }
)

/** An open alert, by its condition and what it is about. */
export type Named = About & { readonly condition: string }

/** What an officer says, and why; or what the gateway itself finds out at the other side of a link. */
export interface Order {
  readonly where: Where
  readonly by: string
  readonly reason: string
  readonly what:
    | { readonly _tag: "Override"; readonly area: string; readonly state: ArmingState; readonly forMs: number }
    | { readonly _tag: "EndOverride"; readonly area: string }
    /** Without `forMs` until somebody says otherwise. */
    | { readonly _tag: "ThreatLevel"; readonly level: string; readonly forMs: number | undefined }
    | { readonly _tag: "Maintain"; readonly thing: Serviced; readonly forMs: number }
    | { readonly _tag: "EndMaintenance"; readonly thing: Serviced }
    | { readonly _tag: "Bypass"; readonly door: string; readonly point: string; readonly forMs: number }
    | { readonly _tag: "EndBypass"; readonly door: string; readonly point: string }
    /** A rule forgets what it holds against one subject, by its alert's key. */
    | { readonly _tag: "Forgive"; readonly rule: string; readonly key: string }
    | { readonly _tag: "Acknowledge"; readonly alert: Named }
    | { readonly _tag: "CloseAlert"; readonly alert: Named; readonly outcome: Outcome }
    | { readonly _tag: "Shelve"; readonly alert: Named; readonly forMs: number }
    /** The gateway's link is lost, or holds again. */
    | { readonly _tag: "Link"; readonly holds: boolean }
    /** The link has lost so many events: which ones, nobody knows. */
    | { readonly _tag: "EventsLost"; readonly count: number }
    /** The device shows a certificate that ends so long from now. */
    | { readonly _tag: "Certificate"; readonly device: string; readonly endsInMs: number }
}

/** What is worked on: exactly one of them. */
export interface Serviced {
  readonly door?: string
  readonly device?: string
  readonly area?: string
}

/** What the way from the device to the gateway does to a message. */
export interface Carriage {
  readonly delayMs: number
  /** How often the source itself says it. */
  readonly times: number
  /** It comes once more because its acknowledgement was lost: the same packet, marked. */
  readonly redelivered: boolean
  readonly retained: boolean
}

/** From when to when, both inclusive, counted from the start. */
export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** What an alert or event is about; what is absent may be any. */
export interface About {
  readonly door?: string | undefined
  readonly device?: string | undefined
  readonly area?: string | undefined
}

/** What must come. An alert that is raised and not expected is a failure; of events only these are looked at. */
export type Expectation = { readonly where: Where } & (
  | (About & {
      readonly _tag: "Alert"
      readonly condition: string
      readonly becomes: AlertTransition
      readonly priority?: Priority | undefined
      readonly span: Span
    })
  | (About & { readonly _tag: "Event"; readonly word: string; readonly span: Span })
  | { readonly _tag: "Stands"; readonly door: string; readonly standing: DoorStanding; readonly atMs: number }
)

/** What must not come. `any` is every condition. */
export type Silence = About & { readonly where: Where; readonly span: Span } & (
    | { readonly _tag: "Alert"; readonly condition: string }
    | { readonly _tag: "Event"; readonly word: string }
  )

/** A scripted course of events on a campus, with what is expected of the gateway. */
export interface Scenario {
  readonly file: string
  /** As it is written, so that a problem can show its line. */
  readonly text: string
  readonly name: string
  readonly description: string | undefined
  /** The configuration's path; absent: the demo's. */
  readonly campus: string | undefined
  /** Whose broker it is; absent: as the configuration has it. */
  readonly broker: "embedded" | "outside" | undefined
  /** What the wall clock of the site shows at the start, such as 2026-03-02T23:30; absent: a school day's morning. */
  readonly starts: string | undefined
  /** In order of time; those that fall together stay in the file's order. */
  readonly steps: ReadonlyArray<Step>
  readonly expect: ReadonlyArray<Expectation>
  readonly silence: ReadonlyArray<Silence>
  /** Where `expect` stands: the place to point at when something came that nobody expected. */
  readonly expectPlace: Place
  /** How long after the last step and expectation it is still watched. */
  readonly settleMs: number
}
