import { createHash } from "node:crypto"
import { Result, Schema } from "effect"
import { AreaId, DeviceId } from "../../domain/ids.ts"
import type { Observation, OccurrenceWord } from "../../domain/observation.ts"
import { EmergencyKind, type EmergencySource } from "./inbound-settings.ts"

/** What a source sends to call for help. */
export const EmergencyRequest = Schema.Struct({
  /** The source's own id of this call: sent again, it is the same call. */
  id: Schema.String.pipe(
    Schema.check(Schema.isPattern(/^[\w.:-]{1,128}$/, { expected: "an id of at most 128 letters, digits and . : _ -" }))
  ),
  kind: EmergencyKind,
  /** When it happened, ISO 8601; absent: now. */
  at: Schema.optionalKey(Schema.String),
  /** Where the source knows it to be. */
  area: Schema.optionalKey(AreaId),
  /** Where, in words. */
  place: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200)))),
  /** Who calls, in the source's own terms: told apart by it, and never kept as it is. */
  caller: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200)))),
  /** It is a test: kept, and nobody is called. */
  test: Schema.optionalKey(Schema.Boolean)
}).annotate({ identifier: "EmergencyRequest" })
export type EmergencyRequest = typeof EmergencyRequest.Type

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(EmergencyRequest), {
  errors: "all",
  onExcessProperty: "error"
})

/** A body as a request; a text says what is wrong with it. */
export const readEmergency = (body: string): EmergencyRequest | string => {
  const decoded = decode(body)
  if (Result.isFailure(decoded)) return decoded.failure.message
  const { at } = decoded.success
  return at !== undefined && Number.isNaN(Date.parse(at))
    ? `"${at}" is no time such as 2026-11-27T12:00:00Z`
    : decoded.success
}

/** One caller is one device to the rules: two who call are two, and one who calls twice is one. */
const deviceOf = (source: string, caller: string | undefined): DeviceId =>
  DeviceId.make(
    caller === undefined
      ? source
      : `${source}.${createHash("sha256").update(`${source}\n${caller}`).digest("hex").slice(0, 12)}`
  )

const wordOf = ({ kind, place }: EmergencyRequest): OccurrenceWord => {
  const at = place === undefined ? {} : { at: place }
  switch (kind) {
    case "panic":
      return { _tag: "PanicPressed", ...at }
    case "duress":
      return { _tag: "DuressSignalled", ...at }
    case "lockdown":
      return { _tag: "ButtonPressed", action: "lockdown" }
  }
}

/** The call as an observation: the rules hear it as they hear a panic button on a wall. */
export const observationOf = (source: EmergencySource, request: EmergencyRequest): Observation => {
  const area = request.area ?? source.area
  return {
    _tag: "Occurrence",
    device: deviceOf(source.id, request.caller),
    point: request.kind,
    origin: "change",
    occurrence: wordOf(request),
    nativeKey: `${source.id}:${request.id}`,
    source: `inbound/${source.id}`,
    ...(area === undefined ? {} : { area }),
    ...(request.at === undefined ? {} : { deviceTime: Date.parse(request.at) }),
    ...(request.test === true ? { test: true } : {})
  }
}

/** Why a source may not ask for this; `undefined`: it may. */
export const whyNotAccepted = (
  { kinds = ["panic"] }: EmergencySource,
  { kind }: EmergencyRequest
): string | undefined => (kinds.includes(kind) ? undefined : `it may not ask for ${kind} (kinds of the source)`)
