import type { Campus } from "../../gateway/domain/campus.ts"
import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { Signal } from "../campus/signal.ts"
import type { Message } from "./message.ts"

/** One connection to the broker: a device of its own, or a bridge that speaks for those behind it. */
export interface Speaker {
  /** Its own part of the client id; whoever connects it puts a prefix before. */
  readonly clientId: string
  /** The devices it speaks for. Losing the connection silences them all. */
  readonly devices: ReadonlyArray<string>
  /** The device that is the connection's own; the others can be cut off one by one. */
  readonly own: string
  readonly will: Message | undefined
  /** What it says on connecting, given the readings of its devices that are there, and those that are `away`. */
  readonly greet: (readings: ReadonlyArray<Signal>, at: EpochMs, away: ReadonlySet<string>) => ReadonlyArray<Message>
  /** What it says of a signal of one of its devices. `at` is the device's own clock. */
  readonly say: (signal: Signal, at: EpochMs) => ReadonlyArray<Message>
}

/** The speakers of one product on a campus. */
export type Dialect = (campus: Campus) => ReadonlyArray<Speaker>

/** The address of a device in its product's own words. */
export const addressOf = (campus: Campus, device: string): string =>
  campus.devices.find((candidate) => candidate.id === device)?.address ?? device
