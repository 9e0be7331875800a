import type { Right } from "../../api/rights.ts"
import type { HandOverReport } from "../../domain/hand-over.ts"
import type { Role } from "../../domain/person.ts"
import type { HandOver, ShiftNote, ShiftStanding } from "../../domain/shift.ts"
import type { SoundTest } from "../../domain/sound-test.ts"
import type { Instant } from "./wire.ts"

/** The domain's instants are numbers inside the gateway and ISO 8601 on the wire. */
type OnWire<T> = T extends string | number | boolean | undefined
  ? T
  : T extends ReadonlyArray<infer Item>
    ? ReadonlyArray<OnWire<Item>>
    : { readonly [Key in keyof T]: Key extends Instants ? Instant : OnWire<T[Key]> }

type Instants = "at" | "from" | "to" | "since" | "until" | "raisedAt"

/** Who is signed in, and what they may. */
export interface SignedIn {
  readonly name: string
  readonly role: Role
  readonly rights: ReadonlyArray<Right>
  /** Absent where no people are configured. */
  readonly person?: string
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly disabled: boolean
  readonly onShift?: "signed-on" | "plan"
  readonly since?: Instant
  readonly reach: ReadonlyArray<{ readonly channel: string; readonly provedAt?: Instant }>
  readonly enrolled: boolean
  readonly invitedUntil?: Instant
  readonly sessions?: number
}

/** A token of a machine, without the token itself. */
export interface Token {
  readonly name: string
  readonly role: Role
  /** Absent: all that the role may. */
  readonly only?: ReadonlyArray<Right>
  readonly madeAt?: Instant
  /** Absent: never. */
  readonly usedAt?: Instant
  readonly until?: Instant
}

export interface Invitation {
  readonly name: string
  readonly link: string
  readonly until: Instant
}

export type Handed = OnWire<HandOverReport>
export type WireHandOver = OnWire<HandOver>

export interface Shift {
  readonly on: ReadonlyArray<OnWire<ShiftStanding> & { readonly inHand: number }>
  readonly byPlan: ReadonlyArray<string>
  readonly handOvers: ReadonlyArray<WireHandOver>
  readonly notes: ReadonlyArray<OnWire<ShiftNote>>
}

export type { SoundTest }
