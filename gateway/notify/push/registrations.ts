import { Effect, Schema } from "effect"
import type { NotKept } from "../../../adapters/adapter.ts"
import type { PersonId } from "../../domain/ids.ts"
import { ChannelId } from "../../domain/ids.ts"
import type { Unstamped } from "../../intake/intake.ts"
import type { ChannelSettings } from "../../settings/load-settings.ts"
import { pushChannel, type PushSettings } from "./push-channel.ts"
import { deviceIdOf, openPushDevices, type PushDevice } from "./push-devices.ts"
import { usualServices, wrongEndpoint } from "./push-service.ts"
import { openVapid } from "./vapid.ts"

/** A device cannot be registered, or is not there. */
export class PushRefused extends Schema.TaggedError<PushRefused>()("PushRefused", {
  status: Schema.Literals([404, 422]),
  why: Schema.String
}) {
  override get message(): string {
    return this.why
  }
}

/** A device as its own person sees it. */
export type RegisteredDevice = Omit<PushDevice, "endpoint" | "p256dh" | "auth">

/** What a browser gives when it registers. */
export interface Subscription {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
  readonly name: string
}

/** The devices that people register for web push. */
export interface PushRegistrations {
  /** By which key a browser is to register, and for which channel. */
  readonly key: Effect.Effect<{ readonly publicKey: string; readonly channel: string }, PushRefused>
  readonly of: (person: PersonId) => ReadonlyArray<RegisteredDevice>
  /** Registers a device, or renews it. That it is new is a fact. */
  readonly register: (person: PersonId, told: Subscription) => Effect.Effect<RegisteredDevice, PushRefused | NotKept>
  readonly unregister: (person: PersonId, device: string) => Effect.Effect<void, PushRefused | NotKept>
}

interface Parts {
  readonly channels: () => ReadonlyArray<ChannelSettings>
  readonly dataDir: string
  readonly enter: (fact: Unstamped) => Effect.Effect<unknown, NotKept>
  /** Epoch milliseconds. */
  readonly now: () => number
}

const shown = ({ endpoint: _endpoint, p256dh: _p256dh, auth: _auth, ...device }: PushDevice): RegisteredDevice => device

/** P-256 point and secret, as a browser tells them (RFC 8291). */
const areKeys = ({ p256dh, auth }: Subscription): boolean =>
  Buffer.from(p256dh, "base64url").length === 65 && Buffer.from(auth, "base64url").length === 16

export const openRegistrations = ({ channels, dataDir, enter, now }: Parts): PushRegistrations => {
  const devices = openPushDevices(dataDir)
  const channel = Effect.suspend(() => {
    const found = channels().find(({ kind }) => kind === pushChannel.kind)
    return found === undefined
      ? Effect.fail(new PushRefused({ status: 404, why: "no channel of kind web-push is configured" }))
      : Effect.succeed({ id: found.id, settings: found.settings as PushSettings })
  })
  return {
    key: Effect.map(channel, ({ id }) => ({ publicKey: openVapid(dataDir).publicKey, channel: id })),
    of: (person) => devices.of(person).map(shown),
    register: Effect.fn("PushRegistrations.register")(function* (person, told) {
      const { id, settings } = yield* channel
      const wrong = wrongEndpoint(told.endpoint, settings.services ?? usualServices)
      if (wrong !== undefined) return yield* new PushRefused({ status: 422, why: wrong })
      if (!areKeys(told)) return yield* new PushRefused({ status: 422, why: "the device's keys are none" })
      const device = deviceIdOf(told.endpoint)
      if (!devices.of(person).some((known) => known.id === device)) {
        yield* enter({ _tag: "DeviceRegistered", person, channel: ChannelId.make(id), device, name: told.name })
      }
      devices.keep(person, told, now())
      const kept = devices.of(person).find((known) => known.id === device)
      return kept === undefined ? yield* Effect.die(new Error(`${device} was not kept`)) : shown(kept)
    }),
    unregister: Effect.fn("PushRegistrations.unregister")(function* (person, device) {
      const { id } = yield* channel
      if (!devices.of(person).some((known) => known.id === device)) {
        return yield* new PushRefused({ status: 404, why: `you have no device ${device}` })
      }
      const reason = "the person does not want it any more"
      yield* enter({ _tag: "DeviceUnregistered", person, channel: ChannelId.make(id), device, reason })
      devices.forget(person, device)
    })
  }
}
