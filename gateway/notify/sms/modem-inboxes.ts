import { Effect, FiberMap, type Scope } from "effect"
import { Alerts } from "../../alerts/alerts.ts"
import { Intake } from "../../intake/intake.ts"
import { Configuration } from "../../settings/configuration.ts"
import { openInbound } from "../inbound/open-inbound.ts"
import { personOf } from "../inbound/reply.ts"
import { readInbox } from "./modem-inbox.ts"
import { smsModemChannel, type SmsModemSettings } from "./sms-modem-channel.ts"

/** Another configuration is noticed after so long. */
const lookEvery = "5 seconds"

/** What the inboxes of a gateway are opened with. */
export interface ModemInboxesOptions {
  readonly dataDir: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Reads what comes back by the modems of the configuration in force, until the scope ends. */
export const openModemInboxes = ({
  dataDir,
  now
}: ModemInboxesOptions): Effect.Effect<void, never, Intake | Alerts | Configuration | Scope.Scope> =>
  Effect.gen(function* () {
    const intake = yield* Intake
    const { settings } = yield* Configuration
    const inbound = yield* openInbound({ intake, alerts: yield* Alerts, settings, dataDir, now })
    const running = yield* FiberMap.make<string>()
    let wantedBefore: ReadonlySet<string> = new Set()

    const inboxOf = (channel: string, itsSettings: SmsModemSettings) => {
      const people = () => settings().campus.people ?? []
      return readInbox({
        channel,
        settings: itsSettings,
        dataDir,
        heard: inbound.heard,
        enter: (fact) => intake.enter(fact),
        isKnown: (number) => personOf(number, channel, people(), settings().addresses) !== undefined,
        addressOf: (person) => settings().addresses.get(person)?.[channel],
        now
      }).pipe(
        Effect.scoped,
        // It begins anew with the next look.
        Effect.tapDefect((cause) => Effect.logError(`the inbox of channel ${channel} stopped by a bug`, cause))
      )
    }

    /** An inbox by its channel and settings: another setting is another inbox. */
    const follow = Effect.gen(function* () {
      const wanted = new Map(
        settings()
          .channels.filter(({ kind }) => kind === smsModemChannel.kind)
          .map((channel) => [JSON.stringify([channel.id, channel.settings]), channel])
      )
      for (const key of wantedBefore) if (!wanted.has(key)) yield* FiberMap.remove(running, key)
      wantedBefore = new Set(wanted.keys())
      for (const [key, { id, settings: own }] of wanted)
        yield* FiberMap.run(running, key, inboxOf(id, own as SmsModemSettings), { onlyIfMissing: true })
    })
    yield* follow.pipe(Effect.andThen(Effect.sleep(lookEvery)), Effect.forever, Effect.forkScoped)
  })
