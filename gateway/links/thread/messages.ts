import type { LogLevel } from "effect"
import type { Report } from "../../../adapters/adapter.ts"
import type { Device } from "../../domain/campus.ts"
import type { DoorCommand } from "../../domain/command.ts"
import type { Cells } from "./shared-cells.ts"

/** A failure of the contract as it crosses: its tag, and the rest of what it says. Of a bug, its words. */
export type Failure =
  | { readonly _tag: "Failed"; readonly tag: string; readonly told: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Bug"; readonly words: string }

/** What the thread is started with. */
export interface ThreadStart {
  /** The adapter's own module, and the name of the adapter among what it exports. */
  readonly module: string
  readonly name: string
  /** What is less than this is not said in the log of the process. */
  readonly logLevel: LogLevel.LogLevel
  /** By which the thread tells what time it is, and that it lives. */
  readonly cells: Cells
}

/** What a run is started with: its context, as far as it is data. */
export interface RunStart {
  readonly link: string
  readonly devices: ReadonlyArray<Device>
  readonly timeZone: string
  readonly profilesDirectory: string
  readonly aliveAt?: number
  /** Names the settings; they are sent with the first run that has them. */
  readonly settings: number
  /** Names the memory that is handed from attempt to attempt. */
  readonly memory: number
  /** The points of doors whose commands somebody may want to know. */
  readonly points: ReadonlyArray<string>
}

/** A report is kept, or refused for this reason. */
export type Settled = readonly [run: number, report: number, refusal?: string]

/** From the gateway to the thread. */
export type ToThread =
  | { readonly _tag: "Settings"; readonly settings: number; readonly value: unknown }
  | ({ readonly _tag: "Start"; readonly run: number } & RunStart)
  | { readonly _tag: "Stop"; readonly run: number }
  /** What became of reports, those of one commit together. */
  | { readonly _tag: "Settled"; readonly settled: ReadonlyArray<Settled> }
  /** What was asked is done: `online`. */
  | { readonly _tag: "Done"; readonly ask: number }
  | {
      readonly _tag: "Call"
      readonly call: number
      readonly offer: number
      readonly member: string
      readonly args: ReadonlyArray<unknown>
    }
  | { readonly _tag: "Cancel"; readonly call: number }

/** What a device can do, as it is told: the names of its effects and of its functions, and the commands by point. */
export interface Offered {
  readonly effects: ReadonlyArray<string>
  readonly functions: ReadonlyArray<string>
  readonly takes?: Readonly<Record<string, ReadonlyArray<DoorCommand>>>
}

/** A report, in the order in which all of them were said. */
export type Said = readonly [run: number, report: number, said: Report]

/** From the thread to the gateway. */
export type FromThread =
  | { readonly _tag: "Reports"; readonly reports: ReadonlyArray<Said> }
  | { readonly _tag: "Online"; readonly run: number; readonly ask: number }
  | { readonly _tag: "Refused"; readonly run: number; readonly who: string; readonly what: string }
  | { readonly _tag: "Granted"; readonly run: number; readonly levels: Readonly<Record<string, number>> }
  | { readonly _tag: "Counted"; readonly counts: ReadonlyArray<readonly [run: number, name: string, amount: number]> }
  | {
      readonly _tag: "Able"
      readonly run: number
      readonly offer: number
      readonly device: string
      readonly offered: Offered
    }
  | { readonly _tag: "Takes"; readonly offer: number; readonly takes: NonNullable<Offered["takes"]> }
  | { readonly _tag: "Unable"; readonly offer: number }
  | { readonly _tag: "Answered"; readonly call: number; readonly answer: unknown }
  | { readonly _tag: "CallFailed"; readonly call: number; readonly failure: Failure }
  /** A run is over, with all that it held: absent when it was stopped. */
  | { readonly _tag: "Ended"; readonly run: number; readonly failure?: Failure }
