import type { Effect, Scope } from "effect"
import type { CredentialsRejected, LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import type { Observation } from "../domain/observation.ts"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import type { CommandFailed } from "./failure.ts"

/** A message of a device, as it came or as a sample has it. */
export interface Sample {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retained: boolean
}

/** What became of a message. */
export interface MappedMessage {
  readonly topic: string
  readonly retained: boolean
  readonly outcome: "mapped" | "ignored" | "unreadable" | "unknown-device" | "unknown-topic"
  /** The message is the device's. */
  readonly own: boolean
  readonly fields: ReadonlyArray<{
    readonly path: string
    readonly value: string
    /** Which of the results would not be without it. */
    readonly makes: ReadonlyArray<number>
    /** What else would be otherwise without it, in words. */
    readonly gives: ReadonlyArray<string>
    /** The profile names it, though it said nothing here. */
    readonly named: boolean
  }>
  readonly results: ReadonlyArray<{
    readonly observation: Observation
    /** The place of the mapping in the profile, `readings[3]`, and its line there. */
    readonly mapping?: string
    readonly line?: number
  }>
}

/** A device whose messages can be explained. */
export interface Mapper {
  /** The topics it reads, as its profile writes them. */
  readonly patterns: ReadonlyArray<string>
  /** A topic its messages come on, where there is only one way to say it. */
  readonly topic: string | undefined
  readonly profileFile: string
  readonly map: (sample: Sample) => MappedMessage
  /** Its next message on the broker of its link. */
  readonly next: Effect.Effect<Sample, LinkLost | CredentialsRejected, Scope.Scope>
}

/** What `map` needs of the gateway. */
export interface MapParts {
  /** Throws `SettingsRefused`. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  readonly mapper: (options: {
    readonly device: Device
    readonly link: LinkSettings
    readonly profilesDirectory: string
    readonly timeZone: string
  }) => Effect.Effect<Mapper, CommandFailed>
  /** Whether the gateway itself is the broker of the link: nobody else hears its devices. */
  readonly isEmbedded: (link: LinkSettings) => boolean
}
