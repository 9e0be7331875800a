import { Clock, Context, Effect, Layer } from "effect"
import { Alerts } from "../alerts/alerts.ts"
import { Incidents } from "../alerts/incidents.ts"
import { Procedures } from "../alerts/procedures.ts"
import { Areas } from "../commands/areas.ts"
import { Commands } from "../commands/commands.ts"
import { Evidence } from "../evidence/evidence.ts"
import { openExplanations } from "../explain/explanations.ts"
import { Gaps } from "../gaps/gaps.ts"
import { Intake } from "../intake/intake.ts"
import { Links } from "../links/links.ts"
import { openJournal } from "../log/journal/journal.ts"
import { openInbound } from "../notify/inbound/open-inbound.ts"
import { openRegistrations } from "../notify/push/registrations.ts"
import { SecurityLog } from "../log/security-log.ts"
import { Notifier } from "../notify/notifier.ts"
import { Replays } from "../replay/replays.ts"
import { Configuration } from "../settings/configuration.ts"
import { type HttpOptions, type Listening, serve } from "./serve.ts"

/** The HTTP face, listening: API, stream, health, metrics and console. */
export class HttpApi extends Context.Service<HttpApi, Listening>()("gateway/HttpApi") {
  /** Listens when built, closes every connection when its scope ends. */
  static readonly layer = (options: HttpOptions) =>
    Layer.effect(
      HttpApi,
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const now = () => clock.currentTimeMillisUnsafe()
        const { settings } = yield* Configuration
        const faces = {
          intake: yield* Intake,
          log: yield* SecurityLog,
          alerts: yield* Alerts,
          links: yield* Links,
          evidence: yield* Evidence,
          commands: yield* Commands,
          areas: yield* Areas,
          gaps: yield* Gaps,
          notifier: yield* Notifier,
          procedures: yield* Procedures,
          incidents: yield* Incidents,
          configuration: yield* Configuration,
          inbound: yield* openInbound({
            intake: yield* Intake,
            alerts: yield* Alerts,
            settings,
            dataDir: options.dataDir,
            now
          }),
          outbox: (yield* Notifier).outbox,
          channels: { settings: () => settings().channels, dataDir: options.dataDir },
          push: openRegistrations({
            channels: () => settings().channels,
            dataDir: options.dataDir,
            enter: (yield* Intake).enter,
            now
          }),
          explanations: yield* openExplanations(options.dataDir),
          replays: yield* Replays,
          journal: yield* openJournal(options.dataDir)
        }
        return HttpApi.of(yield* serve(faces, options))
      })
    )
}
