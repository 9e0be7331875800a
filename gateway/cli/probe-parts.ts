import type { Effect } from "effect"
import type { CredentialsRejected, LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import type { ConformanceSheet } from "../settings/conformance-sheet.ts"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import type { CommandFailed } from "./failure.ts"

/** A device to look at. */
export interface ProbeTarget {
  readonly device: Device
  /** Of its link, decoded by its adapter. */
  readonly settings: unknown
  /** It stands in the configuration. */
  readonly configured: boolean
  readonly protocol: "onvif" | "opcua"
  readonly profilesDirectory: string
  /** Of the site: for times that are told without an offset. */
  readonly timeZone: string
}

/** One step of a probe, as it ended. */
export interface ProbeStep {
  readonly step: string
  readonly result: "passed" | "doubtful" | "failed" | "left-out"
  readonly tookMs?: number
  readonly said: string
  readonly todo?: string
  /** Each of many things that were looked at. */
  readonly details?: ReadonlyArray<string>
  readonly facts?: Readonly<Record<string, unknown>>
}

/** What a device shows, for whoever enrols it. */
export interface ShownCertificate {
  readonly fingerprint: string
  /** As openssl and devices' own pages write it. */
  readonly withColons: string
  readonly subject: string
  readonly issuer: string
  readonly validTo: string
  /** The configuration has it already. */
  readonly enrolled: boolean
}

/** Something that a device was seen to say, and had not said before. */
export interface Sighting {
  readonly topic: string
  /** Absent: the profile makes nothing of the topic. */
  readonly point?: string
  /** A value, or the word of a happening. */
  readonly said?: string
  /** It is told as its state, not as something that has just come about. */
  readonly state?: boolean
}

/** What is to be told during an observation. */
export type ObservationCourse =
  | { readonly _tag: "Measuring"; readonly what: string }
  /** From here on somebody is to work the device. */
  | {
      readonly _tag: "Watching"
      readonly product: string
      readonly offered: number
      readonly doors: ReadonlyArray<string>
      readonly readers: ReadonlyArray<string>
      readonly hasMedia: boolean
    }
  | { readonly _tag: "Seen"; readonly sighting: Sighting }

/** How to observe. */
export interface Observing {
  readonly target: ProbeTarget
  readonly profilesDirectory: string
  readonly timeZone: string
  readonly observedBy: string
  readonly tell: (course: ObservationCourse) => void
  /** Completes when enough was seen. */
  readonly until: Effect.Effect<void>
}

/** What `probe` needs of the gateway. */
export interface ProbeParts {
  /** Throws `SettingsRefused`. What earlier observations say is not asked: a device may be looked at because of it. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  /** What a link speaks, so far as probe can look at it. */
  readonly protocolOf: (link: LinkSettings) => ProbeTarget["protocol"] | undefined
  /** Whether a text can be a device's address; without a scheme or port, a name alone can. */
  readonly isAddress: (text: string) => boolean
  /** The settings of a link for a device that is in no configuration: this user, its password in that variable. */
  readonly settingsFor: (username: string | undefined, passwordVariable: string) => unknown
  /** Tells each step; answers the device's firmware, or undefined when a step failed. */
  readonly probe: (
    target: ProbeTarget,
    tell: (step: ProbeStep) => void
  ) => Effect.Effect<{ readonly firmware: string | undefined } | undefined>
  /** The certificate that the device shows, whoever signed it; steps that fail are told. */
  readonly certificate: (
    target: ProbeTarget,
    tell: (step: ProbeStep) => void
  ) => Effect.Effect<ShownCertificate | undefined>
  readonly observe: (
    observing: Observing
  ) => Effect.Effect<ConformanceSheet, LinkLost | CredentialsRejected | CommandFailed>
}
